// What picture.js and wipe.js share: a picture, decoded beside the page's own work and painted at
// once. On a canvas it stands a frame sooner than as an <img>.

// Bytes from the kernel, or an address on a page without one -> ImageBitmap.
async function decode(picture) {
  if (typeof picture !== "string") return createImageBitmap(new Blob([picture]));
  const img = new Image();
  img.src = picture;
  await img.decode();
  return createImageBitmap(img);
}

// A picture of a few pixels is enlarged, so that it can be seen, and a border on it dragged.
function paint(canvas, bitmap, alt) {
  const { width, height } = bitmap;
  const times = Math.floor(160 / Math.max(width, height));
  if (canvas.width !== width || canvas.height !== height) Object.assign(canvas, { width, height });
  canvas.style.minWidth = times > 1 ? `${times * width}px` : "";
  canvas.style.imageRendering = times > 1 ? "pixelated" : "";
  canvas.getContext("bitmaprenderer").transferFromImageBitmap(bitmap);
  canvas.setAttribute("aria-label", alt);
}
