"""The peer: the same job as the server's POST /deployment-events/, as a FastAPI service on asyncpg.

uvicorn main:app      PEER_DSN: the database; PEER_POOL: connections of each worker; PEER_KEY: the API key that is let in
"""

import hashlib
import os

import asyncpg
from fastapi import Depends, FastAPI, Header, HTTPException, Request
from fastapi.responses import JSONResponse

from event import DeploymentEvent
from record import record_event

app = FastAPI()


class Connection(asyncpg.Connection):
    """Nothing here leaves a trace in a session, so a connection goes back to the pool without the round trip that resets it."""

    def get_reset_query(self) -> str:
        return ""


@app.on_event("startup")
async def open_store() -> None:
    size = int(os.environ.get("PEER_POOL", "16"))
    app.state.pool = await asyncpg.create_pool(os.environ["PEER_DSN"], min_size=size, max_size=size, connection_class=Connection)
    digest = hashlib.sha256(os.environ["PEER_KEY"].encode()).digest()
    insert = "INSERT INTO api_key VALUES ($1, 1, 'bootstrap') ON CONFLICT DO NOTHING"
    await app.state.pool.execute(insert, digest)
    keys = await app.state.pool.fetch("SELECT digest, account_id FROM api_key")
    app.state.keys = {key["digest"]: key["account_id"] for key in keys}


@app.on_event("shutdown")
async def close_store() -> None:
    await app.state.pool.close()


async def account_of(request: Request, authorization: str = Header("")) -> int:
    digest = hashlib.sha256(authorization.removeprefix("Bearer ").encode()).digest()
    account = request.app.state.keys.get(digest)
    if account is None:
        raise HTTPException(401, "Invalid authentication credentials", {"WWW-Authenticate": "Bearer"})
    return account


@app.post("/deployment-events/")
async def post_deployment_event(event: DeploymentEvent, request: Request, account: int = Depends(account_of)) -> JSONResponse:
    async with request.app.state.pool.acquire() as db:
        return JSONResponse(await record_event(db, account, "key:bootstrap", event))


@app.get("/health")
async def health() -> dict:
    return {"status": "ok"}
