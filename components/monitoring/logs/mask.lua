-- Takes what has the shape of a secret out of a line, wherever it stands. Lua's patterns have no alternatives and no
-- counts, so lengths are asked afterwards. A stranger may have chosen the line: every pattern begins where a run of its
-- letters begins, so that none reads the same run twice.

local SECRET = "[secret]"

-- What is longer no service of the clouds takes whole: https://learn.microsoft.com/azure/azure-monitor/service-limits
local LONGEST = 32000

local function atLeast(length)
  return function(found)
    if #found >= length then return SECRET end
  end
end

-- A row each: what a text with it contains, the pattern, and what becomes of what it finds.
local shapes = {
  { "sk-", "%f[%w_]sk%-[%w_%-]+", atLeast(11) },
  { "gh", "%f[%w_]gh[opsur]_%w+", atLeast(20) },
  { "github_pat_", "%f[%w_]github_pat_[%w_]+", atLeast(27) },
  { "glpat-", "%f[%w_]glpat%-[%w_%-]+", atLeast(16) },
  { "xox", "%f[%w_]xox[a-z]%-[%w%-]+", atLeast(13) },
  { "xapp-", "%f[%w_]xapp%-[%w%-]+", atLeast(13) },
  { "pul-", "%f[%w_]pul%-%x+", atLeast(24) },
  { "hf_", "%f[%w_]hf_%w+", atLeast(19) },
  { "ak_", "%f[%w_]ak_[%w%-]+_[%w%-]+_[%w_%-]+", SECRET },
  { "AKIA", "%f[%w_]AKIA[A-Z0-9]+", atLeast(20) },
  { "ASIA", "%f[%w_]ASIA[A-Z0-9]+", atLeast(20) },
  { "AIza", "%f[%w_]AIza[%w_%-]+", atLeast(34) },
  { "eyJ", "%f[%w_%-]eyJ[%w_%-]+%.[%w_%-]+%.?[%w_%-]*", atLeast(20) },
  { "hooks.slack.com/", "(hooks%.slack%.com/%a+/)[%w/]+", "%1" .. SECRET },
  -- scheme://user:password@host
  { "://", "(://[^%s:/?#@\"'<>]*:)[^%s/?#\"'<>]*@", "%1" .. SECRET .. "@" },
}

-- The last words of names whose values are secret: `client_secret`, `X-API-Key`; not `tokens` or `keyId`.
local endings = {
  "password", "passwd", "pwd", "passphrase", "secret", "secrets", "token", "apikey", "accesskey", "privatekey",
  "encryptionkey", "encryptionkeys", "clientkeydata", "authorization", "cookie", "credential", "credentials", "dsn",
}

-- Programs' own names are few and come with every line.
local known, count = {}, 0

local function isSecretName(name)
  local before = known[name]
  if before ~= nil then return before end
  local plain = name:lower():gsub("[^a-z]", "")
  local secret = false
  for _, ending in ipairs(endings) do
    if plain:sub(-#ending) == ending then secret = true end
  end
  if count < 1000 and #name < 100 then known[name], count = secret, count + 1 end
  return secret
end

-- A private key, to its end or to the end of what there is.
local function withoutKeys(text)
  local kept, from = {}, 1
  while true do
    local first, last = text:find("%-%-%-%-%-BEGIN [A-Z ]*PRIVATE KEY%-%-%-%-%-", from)
    if first == nil then break end
    kept[#kept + 1] = text:sub(from, first - 1) .. SECRET
    local _, over = text:find("-----END", last, true)
    local _, stop = text:find("-----", (over or #text) + 1, true)
    from = (stop or #text) + 1
  end
  return table.concat(kept) .. text:sub(from)
end

local function pair(name, sign)
  if isSecretName(name) then return name .. sign .. SECRET end
end

-- `password=...`, bare or in quotes: of a query, a connection string, a command line.
local function withoutPairs(text)
  text = text:gsub("%f[%w_%-%.]([%w_%-%.]+)(=)\"[^\"]*\"", pair)
  text = text:gsub("%f[%w_%-%.]([%w_%-%.]+)(=)'[^']*'", pair)
  text = text:gsub("%f[%w_%-%.]([%w_%-%.]+)(=)\\+\"[^\"\\]*\\+\"", pair)
  return (text:gsub("%f[%w_%-%.]([%w_%-%.]+)(=)[^%s\"'&;,<>%[]+", pair))
end

-- Where the quote is that ends a value: one within it is escaped deeper than those around it.
local function closing(text, from, depth)
  local at = from
  while true do
    local quote = text:find("\"", at, true)
    if quote == nil then return nil end
    local first = quote
    while first > from and text:byte(first - 1) == 92 do first = first - 1 end
    if quote - first <= depth then return first end
    at = quote + 1
  end
end

-- `"password": "..."`: JSON within a line, and JSON in a text within JSON.
local function withoutFields(text)
  local kept, from = {}, 1
  while true do
    local _, last, slashes, name = text:find("%f[\\\"](\\*)\"([%w_%-%. ]+)\\*\"%s*:%s*\\*\"", from)
    if last == nil then break end
    if isSecretName(name) then
      kept[#kept + 1] = text:sub(from, last) .. SECRET
      from = closing(text, last + 1, #slashes) or #text + 1
    else
      kept[#kept + 1] = text:sub(from, last)
      from = last + 1
    end
  end
  return table.concat(kept) .. text:sub(from)
end

-- A header's value is the rest of its line.
local function withoutHeader(text, header)
  local small = text:lower()
  local kept, from = {}, 1
  while true do
    local _, last = small:find(header, from, true)
    if last == nil then break end
    kept[#kept + 1] = text:sub(from, last) .. " " .. SECRET
    from = text:find("[\r\n]", last) or #text + 1
  end
  return table.concat(kept) .. text:sub(from)
end

-- A word of a sentence has no digit, and no capital after a small letter.
local function scheme(word, value)
  if #value >= 6 and (value:find("[%d=+/]") or value:find("%l%u")) then return word .. SECRET end
end

local function withoutSchemes(text)
  text = text:gsub("%f[%w]([Bb][Ee][Aa][Rr][Ee][Rr]%s+)([%w%._~%+/=%-]+)", scheme)
  return (text:gsub("%f[%w]([Bb][Aa][Ss][Ii][Cc]%s+)([%w%+/=]+)", scheme))
end

local function maskText(text)
  if #text > LONGEST then text = text:sub(1, LONGEST) .. "... (cut: " .. #text .. ")" end
  for _, shape in ipairs(shapes) do
    if text:find(shape[1], 1, true) then text = text:gsub(shape[2], shape[3]) end
  end
  if text:find("PRIVATE KEY", 1, true) then text = withoutKeys(text) end
  if text:find("=", 1, true) then text = withoutPairs(text) end
  if text:find("\"%s*:") then text = withoutFields(text) end
  for _, header in ipairs({ "authorization:", "x-api-key:", "cookie:" }) do
    if text:lower():find(header, 1, true) then text = withoutHeader(text, header) end
  end
  return withoutSchemes(text)
end

local DEEPEST = 10

-- A copy without secrets: by the shape of texts, and whole where a name says that the value is one.
local function mask(value, depth)
  if type(value) == "string" then return maskText(value) end
  if type(value) ~= "table" then return value end
  if depth > DEEPEST then return "[deeper]" end
  local copy = {}
  for key, item in pairs(value) do
    if type(key) == "string" then
      local hidden = type(item) ~= "boolean" and isSecretName(key)
      copy[maskText(key)] = hidden and SECRET or mask(item, depth + 1)
    else
      copy[key] = mask(item, depth + 1)
    end
  end
  return copy
end
