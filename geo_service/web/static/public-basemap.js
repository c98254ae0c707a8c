// The base map under the public map; a browser that knows no modules shows the pins without it.
import { addBaseMap } from "./basemap.js";

window.appBaseMap = addBaseMap;
