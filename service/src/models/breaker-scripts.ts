import { SLOTS } from "./sliding-window.js";

/**
 * `breaker.ts` in Lua: Redis runs a script while nothing else happens, so that of all replicas' calls one is the probe.
 * A breaker is one key, its state as JSON. Each script returns the time and the state after it; what that means for a
 * call is left to `breaker.ts`.
 */

/** What keeps nobody away and is not used for so long is forgotten. */
const IDLE_MS = 5 * 60_000;

/** ARGV of all: the settings as JSON, and the time; empty for Redis' own, which all replicas share. */
const begin = `
local settings = cjson.decode(ARGV[1])
local now = tonumber(ARGV[2])
if not now then
  local time = redis.call("TIME")
  now = time[1] * 1000 + math.floor(time[2] / 1000)
end

local function newBreaker()
  return { inARow = 0, openMs = 0, openUntil = 0, successes = 0, limitedUntil = 0 }
end

local kept = redis.call("GET", KEYS[1])
local state = kept and cjson.decode(kept) or newBreaker()

local function keep()
  local idle = math.max(state.openUntil, state.limitedUntil, now) - now + settings.leaseMs + ${IDLE_MS}
  redis.call("SET", KEYS[1], cjson.encode(state), "PX", idle)
end
`;

const end = `
return { now, cjson.encode(state) }
`;

/** ARGV[3]: the token. */
const lend = `
local blocked = math.max(state.openUntil, state.limitedUntil) > now
local probing = state.probe and state.probe.ends > now
if state.openMs > 0 and not blocked and not probing then
  state.probe = { token = ARGV[3], ends = now + settings.leaseMs }
  keep()
end
`;

/** ARGV[3]: the probe's token, or empty. ARGV[4]: the outcome. ARGV[5]: for how long it is limited, or empty. */
const record = `
local function opened(forMs)
  state.openMs = math.min(forMs, settings.maxOpenMs)
  state.openUntil = now + state.openMs
  state.successes = 0
end

local function succeeded()
  state.successes = state.successes + 1
  if state.successes >= settings.successes then state = newBreaker() end
end

local function counted(failures)
  local at = math.floor(now * ${SLOTS} / settings.windowMs)
  local slots, calls, marked = {}, 1, failures
  for _, slot in ipairs(state.slots or {}) do
    if slot[1] > at - ${SLOTS} then
      table.insert(slots, slot)
      calls, marked = calls + slot[2], marked + slot[3]
    end
  end
  local last = slots[#slots]
  if last and last[1] == at then slots[#slots] = { at, last[2] + 1, last[3] + failures }
  else table.insert(slots, { at, 1, failures }) end
  state.slots = slots
  state.inARow = failures == 0 and 0 or state.inARow + 1
  local broken = state.inARow >= settings.inARow or (calls >= settings.minCalls and marked >= settings.ratio * calls)
  if broken then opened(settings.openMs) end
end

local closed, outcome = state.openMs == 0, ARGV[4]
if closed or (state.probe and state.probe.token == ARGV[3]) then
  state.probe = nil
  if outcome == "limited" then
    state.limitedUntil = math.max(state.limitedUntil, now + (tonumber(ARGV[5]) or settings.openMs))
  elseif outcome ~= "none" then
    if closed then counted(outcome == "failure" and 1 or 0)
    elseif outcome == "success" then succeeded()
    else opened(state.openMs * 2) end
  end
  keep()
end
`;

export const breakerScripts = {
  breakerLend: `${begin}${lend}${end}`,
  breakerRecord: `${begin}${record}${end}`,
  breakerLook: `${begin}${end}`,
} as const;
