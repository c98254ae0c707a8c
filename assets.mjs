// Build the front-end files into geo_service/assets: the style sheet, Leaflet, the print fonts and their licences.
import { cp, mkdir, readFile, readdir, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import * as sass from "sass";

const root = fileURLToPath(new URL(".", import.meta.url));
const modules = join(root, "node_modules");
const out = join(root, "geo_service", "assets");
const google = join(modules, "@expo-google-fonts");
// Faces for print. The public's paper needs letters that the first has not: Welsh, Urdu, Punjabi.
const families = {
  "atkinson-hyperlegible": ["AtkinsonHyperlegible", ["400Regular", "400Regular_Italic", "700Bold", "700Bold_Italic"]],
  "atkinson-hyperlegible-next": ["AtkinsonHyperlegibleNext", ["400Regular", "700Bold"]],
  "noto-sans-gurmukhi": ["NotoSansGurmukhi", ["400Regular", "700Bold"]],
  vazirmatn: ["Vazirmatn", ["400Regular", "700Bold"]],
};

await mkdir(join(out, "web"), { recursive: true });
// The public site has a sheet of its own: a phone with little data left carries nothing of the staff's.
for (const name of ["site", "public"]) {
  const css = sass.compile(join(root, "geo_service", "web", "styles", `${name}.scss`), {
    loadPaths: [modules],
    style: "compressed",
    quietDeps: true,
    logger: sass.Logger.silent,
  });
  await writeFile(join(out, "web", `${name}.css`), name === "public" ? plainFirst(css.css) : css.css);
}

// Browsers before 2016 know no custom properties, and leave out what names one: white letters would stand on white.
// Each such rule is said in plain light colours first; who knows better takes the second.
function plainFirst(css) {
  const light = {};
  // The light colours stand first.
  for (const [, name, value] of css.matchAll(/--([\w-]+):\s*([^;}]*)/g)) light[name] ??= value;
  const plain = (value) =>
    value.replace(/var\(--([\w-]+)(?:,\s*([^()]*(?:\([^()]*\)[^()]*)*))?\)/g, (_, name, or) => light[name] ?? or);
  return css.replace(/([;{])((?!--)[\w-]+):([^;{}]*var\([^;{}]*)/g, (all, before, property, value) =>
    `${before}${property}:${plain(value)};${property}:${value}`,
  );
}

const copies = {
  "leaflet/leaflet.js": [modules, "leaflet", "dist", "leaflet.js"],
  "leaflet/leaflet.css": [modules, "leaflet", "dist", "leaflet.css"],
  "leaflet/images": [modules, "leaflet", "dist", "images"],
  "protomaps/protomaps-leaflet.js": [modules, "protomaps-leaflet", "dist", "protomaps-leaflet.js"],
  "licences/leaflet.txt": [modules, "leaflet", "LICENSE"],
  "licences/expo-google-fonts.txt": [google, "atkinson-hyperlegible", "LICENSE"],
};
for (const [folder, [name, faces]] of Object.entries(families)) {
  copies[`fonts/${name}-OFL.txt`] = [google, folder, "LICENSE_FONT"];
  copies[`licences/${folder}.txt`] = [google, folder, "LICENSE_FONT"];
  for (const face of faces) {
    const file = `${name}_${face}.ttf`;
    copies[`fonts/${file}`] = [google, folder, face, file];
  }
}
for (const [to, from] of Object.entries(copies)) {
  await cp(join(...from), join(out, to), { recursive: true });
}

// protomaps-leaflet is one file with its libraries in it: their licences go with it. Those of pmtiles and of the base
// map's styles carry no file of their own; they are of the same authors under the same licence.
const bundled = [
  "protomaps-leaflet", "@mapbox/point-geometry", "@mapbox/vector-tile", "color2k", "fflate", "pbf", "potpack",
  "quickselect", "rbush",
];
const texts = [];
for (const name of bundled) {
  const folder = join(modules, ...name.split("/"));
  const file = (await readdir(folder)).find((found) => /^licen[cs]e/i.test(found));
  if (file) texts.push(`${name}\n\n${(await readFile(join(folder, file), "utf8")).trim()}\n`);
}
await writeFile(join(out, "licences", "protomaps-leaflet.txt"), texts.join(`\n${"-".repeat(72)}\n\n`));

// The package of govuk-frontend carries no licence file, only the word MIT: its text and copyright line are these.
await writeFile(
  join(out, "licences", "govuk-frontend.txt"),
  `The MIT License (MIT)

Copyright (C) 2017 Crown Copyright (Government Digital Service)

Permission is hereby granted, free of charge, to any person obtaining a copy of this software and associated
documentation files (the "Software"), to deal in the Software without restriction, including without limitation the
rights to use, copy, modify, merge, publish, distribute, sublicense, and/or sell copies of the Software, and to permit
persons to whom the Software is furnished to do so, subject to the following conditions:

The above copyright notice and this permission notice shall be included in all copies or substantial portions of the
Software.

THE SOFTWARE IS PROVIDED "AS IS", WITHOUT WARRANTY OF ANY KIND, EXPRESS OR IMPLIED, INCLUDING BUT NOT LIMITED TO THE
WARRANTIES OF MERCHANTABILITY, FITNESS FOR A PARTICULAR PURPOSE AND NONINFRINGEMENT. IN NO EVENT SHALL THE AUTHORS OR
COPYRIGHT HOLDERS BE LIABLE FOR ANY CLAIM, DAMAGES OR OTHER LIABILITY, WHETHER IN AN ACTION OF CONTRACT, TORT OR
OTHERWISE, ARISING FROM, OUT OF OR IN CONNECTION WITH THE SOFTWARE OR THE USE OR OTHER DEALINGS IN THE SOFTWARE.
`,
);
