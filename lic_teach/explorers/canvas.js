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

function paint(canvas, bitmap, alt) {
  const { width, height } = bitmap;
  if (canvas.width !== width || canvas.height !== height) Object.assign(canvas, { width, height });
  canvas.getContext("bitmaprenderer").transferFromImageBitmap(bitmap);
  canvas.setAttribute("aria-label", alt);
}
