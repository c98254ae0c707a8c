// The maps of the staff site: the base map where there is one, then outlines, zones and layers as the page lists them.
import { addBaseMap, say } from "./basemap.js";
import { declutter, failed, leaflet, newMap, pin, stamp } from "./maps.js";

const GROUND = {
  water: { color: "#7aa7c7", weight: 1, fillColor: "#bcd7ea", fillOpacity: 1 },
  park: { color: "#a8c79a", weight: 1, fillColor: "#d5e8cb", fillOpacity: 1 },
  street: { color: "#b7bcc0", weight: 1.5 },
  building: { color: "#b7a99a", weight: 1, fillColor: "#e4dcd2", fillOpacity: 1 },
};
const ZONE = { color: "#8c1d0c", weight: 3, fillColor: "#d4351c", fillOpacity: 0.25 };
const OUTLINE = { color: "#505a5f", weight: 1.5, fill: false, dashArray: "6 4" };

const node = (name, text = "", className = "") => {
  const made = document.createElement(name);
  made.textContent = text;
  if (className) made.className = className;
  return made;
};

const facts = (title, properties) => {
  const box = node("div");
  box.append(node("strong", properties.name ?? properties.id ?? title), node("div", title));
  const list = node("dl", "", "app-feature");
  for (const [name, value] of Object.entries(properties)) {
    if (value === null || value === "" || ["id", "name", "lon", "lat"].includes(name)) continue;
    list.append(node("dt", name.replaceAll("_", " ")), node("dd", String(value)));
  }
  box.append(list);
  return box;
};

const zonePopup = (properties) => {
  const box = node("div");
  const link = node("a", `Zone ${properties.number}: ${properties.name}`, "govuk-link");
  link.href = `/zones/${properties.id}`;
  box.append(link, node("div", `${properties.events} incidents, ${properties.area_ha} ha, ${properties.grid_reference}`));
  if (properties.stability != null) {
    box.append(node("div", `${Math.round(properties.stability * 100)} % found again where the grid lies elsewhere`));
  }
  return box;
};

const label = (layer, text, className) =>
  layer.bindTooltip(text, { permanent: true, direction: "center", className: `app-label ${className}` });

const ROLES = {
  ground: (L, { title }, data) =>
    L.geoJSON(data, { interactive: false, style: ({ properties }) => GROUND[properties.kind] ?? GROUND.street, title }),
  outline: (L, _, data, labels) =>
    L.geoJSON(data, {
      interactive: false,
      style: OUTLINE,
      onEachFeature: (feature, layer) => labels.low.push(label(layer, feature.properties.name, "app-area-label")),
    }),
  zones: (L, { focus }, data, labels) =>
    L.geoJSON(data, {
      style: ({ id }) => (focus && id !== focus ? { ...ZONE, weight: 1.5, fillOpacity: 0.1 } : ZONE),
      onEachFeature: (feature, layer) => {
        layer.bindPopup(() => zonePopup(feature.properties));
        labels.high.push(label(layer, String(feature.properties.number), "app-zone-label"));
      },
    }),
  features: (L, { title, style }, data) =>
    L.geoJSON(data, {
      style: { color: style.colour, weight: 2, dashArray: style.shape === "area" ? "4 4" : null, fillOpacity: 0.1 },
      pointToLayer: ({ properties }, at) =>
        pin(L, at, {
          shape: style.shape,
          text: style.letter,
          colour: style.colour,
          name: `${title}: ${properties.name ?? properties.id}`,
        }),
      onEachFeature: ({ properties }, layer) => layer.bindPopup(() => facts(title, properties), { maxHeight: 260 }),
    }),
};

const draw = async (element) => {
  const listed = JSON.parse(element.dataset.layers);
  const layers = listed.filter(({ role }) => role !== "basemap");
  const base = listed.find(({ role }) => role === "basemap");
  const L = await leaflet();
  const map = newMap(L, element);
  map.setView([52.5, -1.5], 8);
  const labels = { high: [], low: [] };
  const drawn = layers.map((layer) => {
    const located = { ...layer.data, features: layer.data.features.filter(({ geometry }) => geometry) };
    const group = ROLES[layer.role](L, layer, located, labels).addTo(map);
    return { layer, group };
  });
  const bounds = (found) => found.map(({ group }) => group.getBounds()).filter((box) => box.isValid());
  const zones = drawn.filter(({ layer }) => layer.role === "zones");
  const focus = zones.flatMap(({ layer, group }) =>
    layer.focus ? group.getLayers().filter(({ feature }) => feature.id === layer.focus) : [],
  );
  const boxes = focus.length ? focus.map((zone) => zone.getBounds().pad(0.6)) : bounds(zones.length ? zones : drawn);
  if (boxes.length) map.fitBounds(boxes.reduce((all, box) => all.extend(box)).pad(0.08), { maxZoom: 17 });
  const title = ({ title: said, style }) => (style.letter ? `${said} (${style.letter})` : said);
  const named = Object.fromEntries(drawn.map(({ layer, group }) => [title(layer), group]));
  if (drawn.length) L.control.layers(null, named, { collapsed: element.clientWidth < 900 }).addTo(map);
  if (element.dataset.demonstration !== undefined) stamp(L, map);
  if (base) await addBaseMap(L, map, base).catch((problem) => say(L, map, problem.message));
  else say(L, map, "No base map is loaded.");
  declutter(map, () => [...labels.high, ...labels.low]);
};

const element = document.getElementById("map");
if (element) draw(element).catch((problem) => failed(element, problem));
