// Whether two pictures look alike: a browser draws the edges of letters a little differently now and then, and a palette spreads that over the picture.
const CONTRAST = 120; // of a pixel's three colours together
const MOST_PIXELS = 8;

/** Runs in a page. */
async function countDifferences([one, other, contrast]) {
	const draw = async (address) => {
		const image = new Image();
		image.src = address;
		await image.decode();
		const canvas = new OffscreenCanvas(image.width, image.height).getContext("2d");
		canvas.drawImage(image, 0, 0);
		return canvas.getImageData(0, 0, image.width, image.height).data;
	};
	const [a, b] = [await draw(one), await draw(other)];
	if (a.length !== b.length) return Infinity;
	let count = 0;
	for (let i = 0; i < a.length; i += 4) if (Math.abs(a[i] - b[i]) + Math.abs(a[i + 1] - b[i + 1]) + Math.abs(a[i + 2] - b[i + 2]) > contrast) count++;
	return count;
}

/** `page`: one that has nothing else to do. The pictures are bytes of PNG. */
export async function lookAlike(page, one, other) {
	const addresses = [one, other].map((bytes) => `data:image/png;base64,${bytes.toString("base64")}`);
	return (await page.evaluate(countDifferences, [...addresses, CONTRAST])) <= MOST_PIXELS;
}
