import zod = require("zod");

/** By `require`: of its hundred files each costs more than a millisecond of a plan where it is imported. */
export = zod;
