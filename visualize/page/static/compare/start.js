// The page of a comparison.

import { begin } from "../begin.js";
import { buildComparison } from "./page.js";

begin(buildComparison);
