import { everyCaseOn } from "../every.js";

everyCaseOn("aws");
