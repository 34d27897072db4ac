/** test.mjs bundles such a file as what it holds. */
declare module "*.yaml" {
	const content: unknown;
	export default content;
}
