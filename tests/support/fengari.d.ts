/** What the tests use of it; it has no types of its own. */
declare module "fengari" {
  interface State {
    readonly __state: unique symbol;
  }
  export const lauxlib: {
    luaL_newstate(): State;
    luaL_dostring(state: State, code: Uint8Array): number;
  };
  export const lualib: { luaL_openlibs(state: State): void };
  export const lua: {
    lua_tojsstring(state: State, index: number): string;
    lua_settop(state: State, top: number): void;
  };
  export function to_luastring(text: string): Uint8Array;
}
