// A picture that can't be loaded makes way for the plate below it.

const broken = (image) => image.matches?.(".poster img, .thumb img") && image.remove();

document.addEventListener("error", ({ target }) => broken(target), true);
for (const image of document.images) if (image.complete && image.naturalWidth === 0) broken(image);
