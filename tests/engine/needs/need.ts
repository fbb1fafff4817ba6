import type { Need } from "../order.js";
import type { Props } from "../providers/serve.js";

export const of = (type: string, which?: (inputs: Props) => boolean): Need =>
  which === undefined ? { type } : { type, which };

export const always =
  (...needs: readonly Need[]) =>
  (): readonly Need[] =>
    needs;
