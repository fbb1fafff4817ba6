-- Makes of what Fluent Bit read a line that is the same on every cloud: who said it, how bad it is, whose call and
-- trace it is part of, and in `fields` what else the program said. `STACK` and `ENVIRONMENT` stand in front of this file.

local function textOf(value)
  if type(value) ~= "number" then return value end
  return value == math.floor(value) and string.format("%d", value) or tostring(value)
end

-- The first of several names that a record has, which it loses.
local function take(record, keys)
  for _, key in ipairs(keys) do
    local value = record[key]
    if type(value) == "string" or type(value) == "number" then
      record[key] = nil
      return textOf(value)
    end
  end
end

local REQUEST = { "requestId", "request_id", "request.id", "correlationId", "correlation_id", "x-request-id" }
local TRACE = { "traceId", "trace_id", "trace.id", "traceID" }
local SPAN = { "spanId", "span_id", "span.id", "spanID" }
local LEVEL = { "level", "severity", "lvl", "log.level", "levelname" }
local MESSAGE = { "msg", "message", "log", "event" }

local levels = {
  trace = "trace", debug = "debug", info = "info", warn = "warn", error = "error", fatal = "fatal",
  information = "info", notice = "info", log = "info", warning = "warn", err = "error", severe = "error",
  critical = "fatal", crit = "fatal", panic = "fatal", alert = "fatal", emergency = "fatal", emerg = "fatal",
  -- pino's and bunyan's numbers
  ["10"] = "trace", ["20"] = "debug", ["30"] = "info", ["40"] = "warn", ["50"] = "error", ["60"] = "fatal",
}

-- Of Kubernetes' own programs: `E1121 10:00:00.000000 ...`
local letters = { I = "info", W = "warn", E = "error", F = "fatal" }

local function levelOf(said, message, fields)
  local level = said ~= nil and levels[said:lower()] or nil
  if level ~= nil then return level end
  -- A call of the gateway's that failed.
  if fields.method ~= nil and (tonumber(fields.status) or 0) >= 500 then return "error" end
  local letter = message:match("^([IWEF])%d%d%d%d %d%d:%d%d:%d%d")
  return letter ~= nil and letters[letter] or "info"
end

-- The gateway's line of a call has no sentence of its own.
local function sentenceOf(fields)
  if fields.method == nil or fields.path == nil then return "" end
  return textOf(fields.method) .. " " .. textOf(fields.path) .. " " .. (textOf(fields.status) or "")
end

local function filled(map)
  return next(map) ~= nil and map or nil
end

local function line(record)
  local pod = record.kubernetes or {}
  local labels = pod.labels or {}
  local fields = mask(record.parsed or {}, 1)
  local said = take(fields, LEVEL)
  local service = take(fields, { "service" })
  local message = take(fields, MESSAGE) or (record.log ~= nil and maskText(tostring(record.log))) or sentenceOf(fields)
  return {
    message = (message:gsub("[\r\n]+$", "")),
    level = levelOf(said, message, fields),
    stack = STACK,
    environment = ENVIRONMENT,
    service = labels["app.kubernetes.io/name"] or labels["k8s-app"] or labels.app or service,
    namespace = pod.namespace_name,
    pod = pod.pod_name,
    container = pod.container_name,
    node = pod.host,
    stream = record.stream,
    requestId = take(fields, REQUEST),
    traceId = take(fields, TRACE),
    spanId = take(fields, SPAN),
    fields = filled(fields),
  }
end

-- What the cluster tells of an object, a pod mostly.
local function event(record)
  local about = record.involvedObject or record.regarding or {}
  local source = record.source or {}
  local isPod = about.kind == "Pod"
  local reason = tostring(record.reason or "")
  return {
    message = maskText(reason .. ": " .. tostring(record.message or record.note or "")),
    level = record.type == "Warning" and "warn" or "info",
    stack = STACK,
    environment = ENVIRONMENT,
    namespace = about.namespace,
    pod = isPod and about.name or nil,
    node = source.host or (about.kind == "Node" and about.name or nil),
    stream = "event",
    fields = {
      kind = about.kind,
      name = about.name,
      reason = record.reason,
      count = record.count,
      component = source.component or record.reportingComponent,
    },
  }
end

-- Where this fails Fluent Bit would send on what it was given, secrets and all.
local function safely(make, timestamp, record)
  local ok, made = pcall(make, record)
  if ok then return 2, timestamp, made end
  return 2, timestamp, {
    message = "a line that could not be read: " .. maskText(tostring(made)),
    level = "error",
    stack = STACK,
    environment = ENVIRONMENT,
  }
end

function shape_line(_, timestamp, record)
  return safely(line, timestamp, record)
end

function shape_event(_, timestamp, record)
  return safely(event, timestamp, record)
end
