// The page of deleted things: local times. The forms stay plain ones.

import { showAll } from "./moments.js";

showAll();
