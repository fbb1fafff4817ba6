/** One file, so that every suite works on the same runs of the cases: they are what takes time. */
import "./suites/bucket.js";
import "./suites/cache.js";
import "./suites/cluster.js";
import "./suites/database.js";
import "./suites/dns.js";
import "./suites/edge-observe.js";
import "./suites/every-case.js";
import "./suites/every-part.js";
import "./suites/identity.js";
import "./suites/loadbalancer.js";
import "./suites/names.js";
import "./suites/network.js";
import "./suites/outputs.js";
import "./suites/platform.js";
import "./suites/registry.js";
import "./suites/secret-store.js";
import "./suites/support.js";
