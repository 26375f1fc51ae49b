// The page of the system: moments in the visitor's own time zone.

import { showAll } from "./moments.js";

showAll(document.getElementById("system"));
