// What the maps of both sites share: loading Leaflet, pins with shapes, names that do not cover each other.
const SVG = "http://www.w3.org/2000/svg";

const svg = (name, attributes) => {
  const node = document.createElementNS(SVG, name);
  for (const [key, value] of Object.entries(attributes)) node.setAttribute(key, value);
  return node;
};

const SHAPES = {
  circle: () => svg("circle", { cx: 16, cy: 16, r: 14 }),
  square: () => svg("rect", { x: 3, y: 3, width: 26, height: 26 }),
  diamond: () => svg("path", { d: "M16 1l15 15-15 15L1 16z" }),
  triangle: () => svg("path", { d: "M16 2l15 27H1z" }),
  cross: () => svg("path", { d: "M11 2h10v9h9v10h-9v9H11v-9H2V11h9z" }),
};

/** Load Leaflet once, from this site. */
export const leaflet = () =>
  new Promise((resolve, reject) => {
    if (window.L) {
      resolve(window.L);
      return;
    }
    const script = document.createElement("script");
    script.src = "/assets/leaflet/leaflet.js";
    script.onload = () => resolve(window.L);
    script.onerror = () => reject(new Error("The map could not be loaded."));
    document.head.append(script);
  });

/** Make a map without tiles. */
export const newMap = (L, element) => {
  element.replaceChildren();
  const map = L.map(element, {
    zoomSnap: 0.25,
    maxZoom: 18,
    minZoom: 8,
    attributionControl: false,
    zoomAnimation: !matchMedia("(prefers-reduced-motion: reduce)").matches,
    fadeAnimation: false,
  });
  // A page of paper is narrower than the screen: without this its map would be cut off.
  matchMedia("print").addEventListener("change", () => map.invalidateSize({ animate: false }));
  L.control.scale({ imperial: false, maxWidth: 160 }).addTo(map);
  return map;
};

/** Say on the map itself that it shows an invented area, so that a picture of it says so too. */
export const stamp = (L, map) => {
  const control = L.control({ position: "topright" });
  control.onAdd = () => {
    const node = L.DomUtil.create("strong", "app-stamp");
    node.textContent = "DEMONSTRATION";
    return node;
  };
  control.addTo(map);
};

/** Make a pin that the keyboard reaches and a screen reader names. */
export const pin = (L, latlng, { shape, text, name, className = "", colour = "" }) => {
  const picture = svg("svg", { viewBox: "0 0 32 32", "aria-hidden": "true" });
  const outline = (SHAPES[shape] ?? SHAPES.circle)();
  outline.setAttribute("class", `app-shape ${className}`);
  if (colour) outline.setAttribute("fill", colour);
  picture.append(outline);
  const words = svg("text", { x: 16, y: shape === "triangle" ? 26 : 21 });
  words.textContent = text;
  picture.append(words);
  const icon = L.divIcon({ className: "app-pin", html: picture, iconSize: [30, 30] });
  const marker = L.marker(latlng, { icon, riseOnHover: true, keyboard: true });
  marker.on("add", () => marker.getElement().setAttribute("aria-label", name));
  return marker;
};

/** Hide the names that would cover a pin or a name before them, in the order in which they matter. */
export const declutter = (map, layers) => {
  const show = () => {
    const taken = [...map.getPane("markerPane").children].map((node) => node.getBoundingClientRect());
    for (const layer of layers()) {
      const node = layer.getTooltip()?.getElement();
      if (!node) continue;
      const box = node.getBoundingClientRect();
      const covers = (other) =>
        box.left < other.right && other.left < box.right && box.top < other.bottom && other.top < box.bottom;
      const hidden = !node.classList.contains("app-zone-label") && taken.some(covers);
      node.classList.toggle("app-hidden-label", hidden);
      if (!hidden) taken.push(box);
    }
  };
  map.on("zoomend moveend layeradd", () => requestAnimationFrame(show));
  requestAnimationFrame(show);
};

/** Say in words that a map did not come. */
export const failed = (element, problem) => {
  element.classList.remove("app-map");
  element.textContent = `The map could not be shown (${problem.message}). The list is complete without it.`;
};
