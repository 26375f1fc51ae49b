// The history of downloads: local times, and the last lines of what failed. The forms stay plain ones.

import { listen } from "./logs.js";
import { showAll } from "./moments.js";
import { toast } from "./toasts.js";

showAll();
listen(document.getElementById("history").dataset.base, toast);
