import { everyCaseOn } from "../every.js";

everyCaseOn("azure");
