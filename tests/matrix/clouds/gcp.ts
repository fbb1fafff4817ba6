import { everyCaseOn } from "../every.js";

everyCaseOn("gcp");
