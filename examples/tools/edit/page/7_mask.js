// Masks: the shape that another picture shows, laid on the map.

/// Lengths of pixels outside and inside in turn. Inside are those that are not transparent or, where nothing is, those
/// that are not dark.
function runsOf({data}) {
  let opaque = true;
  for (let i = 3; i < data.length; i += 4) opaque = opaque && data[i] >= 128;
  const runs = [0];
  let inside = false;
  for (let i = 0; i < data.length; i += 4) {
    const bright = (data[i] + data[i + 1] + data[i + 2]) / 3 >= 128;
    if ((opaque ? bright : data[i + 3] >= 128) !== inside) {
      inside = !inside;
      runs.push(0);
    }
    ++runs[runs.length - 1];
  }
  return runs;
}

/// Where a mask begins along one side: its middle at `at`, as far as all of it is in the picture.
const maskBegin = (at, length, side) => Math.min(side - length, Math.max(0, Math.round(at - length / 2)));

/// Paints the shape that a file shows in the chosen class: around the cursor of the keyboard, or in the middle.
async function layMask(file) {
  let image;
  try {
    image = await createImageBitmap(file);
  } catch {
    return complain({refused: true, message: file.name + " is no picture that can be read; a mask is a PNG."});
  }
  const {width, height} = image;
  if (width > scene.width || height > scene.height)
    return complain({refused: true, message: `${file.name} is ${width}x${height}, larger than the map of ${scene.width}x${scene.height}; reduce or crop it.`});
  const canvas = Object.assign(document.createElement("canvas"), {width, height});
  const context = canvas.getContext("2d");
  context.drawImage(image, 0, 0);
  const mask = runsOf(context.getImageData(0, 0, width, height));
  if (mask.length === 1)
    return complain({refused: true, message: file.name + " shows no shape: it is transparent or dark everywhere."});
  const middle = cursor.shown ? cursor : {x: scene.width / 2, y: scene.height / 2};
  const x = maskBegin(middle.x, width, scene.width), y = maskBegin(middle.y, height, scene.height);
  const done = await tryEdit({kind: "mask", box: [x, y, width, height], mask, label, as: paintKind()}, "Laid on " + nameOf(label));
  if (!done) return;
  chooseTool("select");  // so that it can be moved at once
  await pick(x + mask[0] % width, y + Math.floor(mask[0] / width));
}
