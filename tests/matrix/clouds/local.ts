import { everyCaseOn } from "../every.js";

everyCaseOn("local");
