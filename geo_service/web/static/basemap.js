// The base map of both sites: tiles of this site's own, drawn calm and pale so that what lies on them stands out.
const PAPER = "#f6f6f4";
const WATER = "#cfdde6";
const HALO = "#ffffff";
const INK = "#4c5357";
const FONT = "Arial, sans-serif";
const WIDE = { motorway: 1.7, trunk: 1.5, primary: 1.3, secondary: 1.1 };

/** Load the library that draws tiles, once, from this site. */
const library = () =>
  new Promise((resolve, reject) => {
    if (window.protomapsL) {
      resolve(window.protomapsL);
      return;
    }
    const script = document.createElement("script");
    script.src = "/assets/protomaps/protomaps-leaflet.js";
    script.onload = () => resolve(window.protomapsL);
    script.onerror = () => reject(new Error("The base map could not be loaded."));
    document.head.append(script);
  });

// Width of a road in pixels by zoom, twice as wide with each zoom where houses are seen.
const width = (base) => (zoom, feature) =>
  base * (WIDE[String(feature?.props.class).replace("_link", "")] ?? 1) * Math.max(0.35, 2 ** ((zoom - 15) * 0.7));

const paint = (P) => {
  const fill = (dataLayer, colour, stroke) => ({
    dataLayer,
    symbolizer: new P.PolygonSymbolizer({ fill: colour, ...(stroke ? { stroke, width: 0.6 } : {}) }),
  });
  const line = (dataLayer, options, minzoom) => ({
    dataLayer,
    ...(minzoom ? { minzoom } : {}),
    symbolizer: new P.LineSymbolizer({ lineCap: "round", lineJoin: "round", perFeature: true, ...options }),
  });
  return [
    fill("wood", "#dfe5d9"),
    fill("park", "#e6ecdf"),
    fill("water", WATER),
    line("streams", { color: WATER, width: width(1.2) }),
    line("rivers", { color: WATER, width: width(4) }),
    fill("buildings", "#e3e0dc", "#cbc7c1"),
    line("paths", { color: "#b3b8ba", width: 1, dash: [3, 2], dashColor: "#a8adb0", dashWidth: 1 }),
    line("streets", { color: "#c6c9cb", width: (zoom, feature) => width(5)(zoom, feature) + 1.4 }, 13),
    line("roads", { color: "#b6babd", width: (zoom, feature) => width(6)(zoom, feature) + 1.6 }),
    line("streets", { color: "#ffffff", width: width(5) }),
    line("roads", { color: "#ffffff", width: width(6) }),
    line("rail", { color: "#8f9599", width: 2 }),
    line("rail", { color: "#ffffff", dash: [5, 5], dashColor: "#ffffff", dashWidth: 1.2 }, 13),
  ];
};

const names = (P) => {
  const words = (size, more = {}) => ({
    fontFamily: FONT, fontSize: size, fill: INK, stroke: HALO, width: 3, ...more,
  });
  const along = (dataLayer, minzoom, size) => ({
    dataLayer,
    minzoom,
    symbolizer: new P.LineLabelSymbolizer({ ...words(size), position: 2, repeatDistance: 400 }),
  });
  const at = (dataLayer, minzoom, size, more) => ({
    dataLayer,
    minzoom,
    symbolizer: new P.CenteredTextSymbolizer({ ...words(size, more), lineHeight: 1.1 }),
  });
  const mark = new P.GroupSymbolizer([
    new P.CircleSymbolizer({ radius: 2.5, fill: INK, stroke: HALO, width: 1 }),
    // Below the place, so that a pin on it leaves its name to be read.
    new P.OffsetTextSymbolizer({
      ...words(11, { fontWeight: 600 }), offsetX: 0, offsetY: 16, placements: [P.TextPlacements.S], maxLineChars: 22,
      lineHeight: 1.2,
    }),
  ]);
  return [
    { dataLayer: "landmarks", minzoom: 14, filter: (_, { props }) => props.class === "station", symbolizer: mark },
    along("roads", 14, 12),
    along("streets", 15, 11),
    { dataLayer: "landmarks", minzoom: 15, filter: (_, { props }) => props.class !== "station", symbolizer: mark },
    at("park", 15, 11, { fill: "#59694d", fontStyle: "italic" }),
    at("water", 15, 11, { fill: "#4a6a80", fontStyle: "italic" }),
    along("rivers", 14, 11),
  ];
};

/** Put the tiles at an address under a map; the licence lines stand on it. */
export const addBaseMap = async (L, map, { url, licences }) => {
  const P = await library();
  P.leafletLayer({
    url,
    maxDataZoom: 15,
    backgroundColor: PAPER,
    paintRules: paint(P),
    labelRules: names(P),
    attribution: "",
    noWrap: true,
  }).addTo(map);
  say(L, map, licences.join(" "));
};

/** Say something in small letters at the foot of a map. */
export const say = (L, map, words) => {
  if (!words) return;
  const control = L.control({ position: "bottomright" });
  control.onAdd = () => {
    const node = L.DomUtil.create("div", "app-map__licence");
    node.textContent = words;
    return node;
  };
  control.addTo(map);
};
