"""A deployment event as it is sent: fields, limits, status words."""

from datetime import datetime, timedelta, timezone
from typing import Any, Optional

from pydantic import BaseModel, constr, root_validator, validator

STATES = {
    word: state
    for state, words in {
        "pending": "pending queued scheduled waiting",
        "started": "started in_progress init deploying in-progress running",
        "completed": "success completed complete finished deployed succeeded",
        "failed": "failed fail failure error",
        "aborted": "aborted abort cancelled cancel skipped canceled",
    }.items()
    for word in words.split()
}
OPEN_STATES = ("pending", "started")


def text(limit: int) -> type:
    return constr(strip_whitespace=True, max_length=limit, regex=r"^[^\x00-\x1f\x7f]*$")


class DeploymentEvent(BaseModel):
    product_name: text(255)
    version: text(255)
    environment_name: text(255)
    status: text(64)
    scm_repository: Optional[text(512)]
    scm_sha: Optional[text(128)]
    scm_branch: Optional[text(255)]
    build_number: Optional[text(255)]
    invoke_id: Optional[text(255)]
    build_url: Optional[text(2048)]
    deploy_url: Optional[text(2048)]
    source_system: Optional[text(64)]
    deployed_by: Optional[text(255)]
    deployed_by_email: Optional[text(255)]
    deployed_by_name: Optional[text(255)]
    started_at: Optional[datetime]
    completed_at: Optional[datetime]
    occurred_at: Optional[datetime]
    error_message: Optional[constr(strip_whitespace=True, max_length=4096)]
    error_code: Optional[text(255)]
    extra_metadata: Optional[dict[str, Any]]

    @root_validator(pre=True)
    def drop_empty(cls, values: dict) -> dict:
        return {name: value for name, value in values.items() if value is not None and value != ""}

    @validator("status")
    def known_status(cls, word: str) -> str:
        if word.lower() not in STATES:
            raise ValueError("status must be one of " + ", ".join(STATES))
        return word

    @validator("started_at", "completed_at", "occurred_at")
    def not_in_the_future(cls, time: Optional[datetime]) -> Optional[datetime]:
        if time is None:
            return None
        if time.tzinfo is None:
            raise ValueError("time without offset")
        now = datetime.now(timezone.utc)
        return now if time > now + timedelta(minutes=5) else time

    @property
    def state(self) -> str:
        return STATES[self.status.lower()]

    @property
    def run_key(self) -> Optional[str]:
        attempt = (self.extra_metadata or {}).get("vi_gh_run_attempt")
        return f"{self.invoke_id}/{attempt}" if self.invoke_id and attempt else self.invoke_id
