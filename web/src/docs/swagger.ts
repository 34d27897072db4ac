/** /docs: the API's description in Swagger UI. Who is logged in tries it as themselves, others with a key. */
import "swagger-ui-dist/swagger-ui.css";
import SwaggerUI, { type SwaggerRequest } from "swagger-ui-dist/swagger-ui-bundle.js";
import "./docs.css";

/** A session's writes need its CSRF token; asked for when the first one is sent. */
async function withToken(request: SwaggerRequest): Promise<SwaggerRequest> {
	const reads = ["GET", "HEAD", "OPTIONS"].includes((request.method ?? "GET").toUpperCase());
	if (reads || request.headers.Authorization) return request;
	const session = await fetch("/session", { headers: { Accept: "application/json" } });
	const { csrf_token: token } = (session.ok ? await session.json() : {}) as { csrf_token?: string | null };
	if (token) request.headers["X-CSRF-Token"] = token;
	return request;
}

SwaggerUI({
	url: "/openapi.json",
	dom_id: "#docs",
	deepLinking: true,
	docExpansion: "list",
	defaultModelsExpandDepth: 0,
	requestInterceptor: withToken,
	validatorUrl: "none", // else it asks another host
});
