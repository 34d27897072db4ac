/** What the bundles of Swagger UI and Redoc offer, as far as it is used. */
declare module "swagger-ui-dist/swagger-ui-bundle.js" {
	export interface SwaggerRequest {
		url: string;
		method?: string;
		headers: Record<string, string>;
	}
	export default function SwaggerUI(options: Record<string, unknown>): void;
}

declare module "redoc/bundles/redoc.standalone.js" {
	export function init(description: string, options: Record<string, unknown>, element: Element): void;
}

declare module "*.css";
