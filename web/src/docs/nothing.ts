/** In the place of what a bundle names for Node.js only. */
export {};
