// The public map, made when it is asked for. What a pin says is copied from the list.
import { declutter, failed, leaflet, newMap, pin, stamp } from "./maps.js";

const STATES = {
  open: { shape: "circle", words: "open now" },
  closed: { shape: "square", words: "closed now" },
  unknown: { shape: "diamond", words: "hours not known" },
};

const words = (ids) => {
  const box = document.createElement("div");
  for (const id of ids) {
    const place = document.getElementById(`place-${id}`);
    if (!place) continue;
    const copy = document.createElement("div");
    copy.className = "app-place";
    copy.append(...[...place.childNodes].map((node) => node.cloneNode(true)));
    box.append(copy);
  }
  return box;
};

const draw = async (element) => {
  const [L, answer] = await Promise.all([leaflet(), fetch(element.dataset.source)]);
  if (!answer.ok) throw new Error(`status ${answer.status}`);
  const { pins, outline } = await answer.json();
  const map = newMap(L, element);
  const shown = pins.filter(({ places }) => places.some((id) => document.getElementById(`place-${id}`)));
  const markers = shown.map(({ lon_lat: [lon, lat], state, name, text, places }) => {
    const { shape, words: said } = STATES[state];
    const marker = pin(L, [lat, lon], {
      shape,
      text,
      name: `${text}, ${name}, ${said}`,
      className: `app-shape--${state}`,
    });
    marker.bindPopup(() => words(places), { maxHeight: 260, maxWidth: 280, minWidth: 200 });
    marker.bindTooltip(name, { permanent: true, direction: "auto", offset: [16, 0], className: "app-label" });
    return marker.addTo(map);
  });
  const box = L.latLngBounds(markers.map((marker) => marker.getLatLng()));
  if (outline) {
    L.geoJSON(outline, { interactive: false, style: { color: "#505a5f", weight: 1.5, fillColor: "#fff", fillOpacity: 1 } })
      .addTo(map)
      .bringToBack();
  }
  if (element.dataset.demonstration !== undefined) stamp(L, map);
  map.fitBounds(box.pad(0.15), { maxZoom: 16 });
  declutter(map, () => markers);
};

// The link to the map opens it, so that nobody looks for a second thing to press.
document.getElementById("to-map")?.addEventListener("click", () => {
  document.getElementById("map-panel").open = true;
});

const panel = document.getElementById("map-panel");
let drawn = false;
panel?.addEventListener("toggle", () => {
  if (!panel.open || drawn) return;
  drawn = true;
  const element = document.getElementById("map");
  draw(element).catch((problem) => failed(element, problem));
});
