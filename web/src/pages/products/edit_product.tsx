/** The dialog that changes a product's name, description and metadata. */
import { useState } from "preact/hooks";
import { call } from "../../api/client";
import { ApiError } from "../../api/error";
import type { Product } from "../../api/types";
import { Dialog } from "../../kit/dialog";
import { TextField } from "../../kit/field";
import { Form } from "../../kit/form";
import { toast } from "../../kit/toast";
import { changesOf, metadataText, type Draft } from "./changes";

export function EditProduct({ product, onClose, onSaved }: { product: Product; onClose: () => void; onSaved: () => void }) {
	const [draft, setDraft] = useState<Draft>({
		name: product.name,
		description: product.description ?? "",
		metadata: metadataText(product.extra_metadata),
	});
	const set = (field: keyof Draft) => (value: string) => setDraft((before) => ({ ...before, [field]: value }));
	const save = async () => {
		const changes = changesOf(product, draft);
		if (typeof changes === "string") throw new ApiError(422, changes, null, [{ field: "extra_metadata", message: changes }]);
		if (Object.keys(changes).length) {
			await call<Product>("PATCH", `/products/${product.id}`, { body: changes });
			toast.done("The product was changed.");
			onSaved();
		}
		onClose();
	};
	return (
		<Dialog title="Edit product" onClose={onClose}>
			<Form action="Save" fields={["name", "description", "extra_metadata"]} onSubmit={save} onCancel={onClose}>
				{(errorOf) => (
					<>
						<TextField
							label="Name"
							value={draft.name}
							onInput={set("name")}
							error={errorOf("name")}
							required
							maxLength={255}
							hint="Events find the product by its name: pipelines that send the old one make a new product."
						/>
						<TextField label="Description" value={draft.description} onInput={set("description")} error={errorOf("description")} required={false} lines={3} />
						<TextField
							label="Metadata"
							value={draft.metadata}
							onInput={set("metadata")}
							error={errorOf("extra_metadata")}
							required={false}
							lines={6}
							hint={'A JSON object, such as {"team": "money"}.'}
						/>
					</>
				)}
			</Form>
		</Dialog>
	);
}
