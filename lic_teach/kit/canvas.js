// What the widgets with pictures share: a picture, decoded beside the page's own work and painted at
// once. On a canvas it stands a frame sooner than as an <img>.

// Bytes from the kernel, or an address on a page without one -> what a canvas can draw.
// An ImageDecoder, where the browser has one, does not wait for the page; of a .jpg it would make
// another picture than <img> does, so only our own WebP goes through it. A .jpg becomes an address:
// a Blob is read through another process, and stands a frame later.
async function decode(picture) {
  if (typeof picture === "string") return load(picture);
  const bytes = new Uint8Array(picture.buffer, picture.byteOffset, picture.byteLength);
  const webp = bytes[0] === 0x52; // R of RIFF
  if (webp && "ImageDecoder" in window) {
    const decoder = new ImageDecoder({ type: "image/webp", data: bytes });
    const { image } = await decoder.decode();
    decoder.close();
    return image;
  }
  if (!("toBase64" in bytes)) return createImageBitmap(new Blob([bytes]));
  return load(`data:;base64,${bytes.toBase64()}`);
}

async function load(address) {
  const img = new Image();
  const loaded = new Promise((done, failed) => Object.assign(img, { onload: done, onerror: failed }));
  img.src = address;
  await loaded;
  return createImageBitmap(img);
}

// At the picture's own size, pixel for pixel.
function draw(canvas, bitmap) {
  const width = bitmap.displayWidth ?? bitmap.width;
  const height = bitmap.displayHeight ?? bitmap.height;
  if (canvas.width !== width || canvas.height !== height) Object.assign(canvas, { width, height });
  canvas.getContext("2d").drawImage(bitmap, 0, 0);
}

// A picture of a few pixels is enlarged, so that it can be seen, and a border on it dragged.
function paint(canvas, bitmap) {
  draw(canvas, bitmap);
  bitmap.close();
  const times = Math.floor(160 / Math.max(canvas.width, canvas.height));
  canvas.style.minWidth = times > 1 ? `${times * canvas.width}px` : "";
  canvas.style.imageRendering = times > 1 ? "pixelated" : "";
}
