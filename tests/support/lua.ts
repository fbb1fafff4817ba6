import { lauxlib, lua, lualib, to_luastring } from "fengari";

/** Values as Fluent Bit hands them to a script, and takes them back. */
export type LuaValue = string | number | boolean | readonly LuaValue[] | { readonly [key: string]: LuaValue };
export type LuaRecord = Readonly<Record<string, LuaValue>>;

/** Every byte by its number: no text can end its own literal. */
const textOf = (text: string): string =>
  `"${[...Buffer.from(text)].map((byte) => `\\${String(byte).padStart(3, "0")}`).join("")}"`;

export function literal(value: LuaValue): string {
  if (typeof value === "string") return textOf(value);
  if (typeof value !== "object") return String(value);
  const items = Array.isArray(value)
    ? value.map(literal)
    : Object.entries(value).map(([key, item]) => `[${textOf(key)}] = ${literal(item)}`);
  return `{ ${items.join(", ")} }`;
}

/** In Lua: a value as JSON. */
const TO_JSON = `
local function json(value)
  local kind = type(value)
  if kind == "string" then
    return '"' .. value:gsub('[%c"\\\\]', function(c) return string.format("\\\\u%04x", c:byte()) end) .. '"'
  end
  if kind == "number" and value == math.floor(value) then return string.format("%d", value) end
  if kind ~= "table" then return tostring(value) end
  local parts = {}
  if #value > 0 then
    for _, item in ipairs(value) do parts[#parts + 1] = json(item) end
    return "[" .. table.concat(parts, ",") .. "]"
  end
  for key, item in pairs(value) do parts[#parts + 1] = json(tostring(key)) .. ":" .. json(item) end
  return "{" .. table.concat(parts, ",") .. "}"
end
`;

/** A program that calls a script's function with each record, as Fluent Bit does, and has the answers as JSON. */
export const callEach = (script: string, name: string, records: readonly LuaRecord[]): string => `
${script}
${TO_JSON}
local answers = {}
for _, record in ipairs(${literal(records)}) do
  local code, _, made = ${name}("kube.tag", 1.5, record)
  answers[#answers + 1] = json({ code = code, record = made })
end
return "[" .. table.concat(answers, ",") .. "]"
`;

export interface Answer {
  readonly code: number;
  readonly record: LuaRecord;
}

const failed = (state: Parameters<typeof lua.lua_tojsstring>[0]): Error => new Error(lua.lua_tojsstring(state, -1));

/** What a script makes of records: run here, by a Lua that is newer than Fluent Bit's own. */
export function answersOf(script: string, name: string, records: readonly LuaRecord[]): readonly Answer[] {
  const state = lauxlib.luaL_newstate();
  lualib.luaL_openlibs(state);
  if (lauxlib.luaL_dostring(state, to_luastring(callEach(script, name, records))) !== 0) throw failed(state);
  return JSON.parse(lua.lua_tojsstring(state, -1)) as readonly Answer[];
}
