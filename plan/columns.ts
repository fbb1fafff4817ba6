/** One row of a table: a label, and a cell for each column. */
export interface Row {
  readonly label: string;
  readonly cells: readonly (string | undefined)[];
}

const LABEL_WIDTH = 12;
const NOTHING = "-";

/**
 * Rows under each other in columns of the same width, each cell wrapped in its own column. What is the same in every
 * column is said once, so that the eye finds what differs.
 */
export function inColumns(rows: readonly Row[], columns: number, width: number): readonly string[] {
  const each = Math.floor((width - LABEL_WIDTH) / columns);
  return rows.flatMap(({ label, cells }) => {
    const [first] = cells;
    if (columns > 1 && first !== undefined && cells.every((cell) => cell === first)) {
      return beside(label, [inCell(`all: ${first}`, width - LABEL_WIDTH)], width);
    }
    return beside(
      label,
      cells.map((cell) => inCell(cell ?? NOTHING, each - 1)),
      each,
    );
  });
}

/** A label, and columns of the same width, each as many lines as it needs. */
export function beside(
  label: string,
  cells: readonly (readonly string[])[],
  each: number,
  labelWidth = LABEL_WIDTH,
): readonly string[] {
  const labels = inCell(label, labelWidth - 1);
  const height = Math.max(labels.length, ...cells.map((lines) => lines.length));
  return Array.from({ length: height }, (_, line) => {
    const columns = cells.map((lines) => (lines[line] ?? "").padEnd(each)).join("");
    return `${(labels[line] ?? "").padEnd(labelWidth)}${columns}`.trimEnd();
  });
}

/** Words in lines no longer than `width`. A word that is longer breaks behind a hyphen, a dot, an underscore or a slash, or anywhere. */
export function inCell(text: string, width: number): readonly string[] {
  const lines: string[] = [];
  let line = "";
  for (const word of text.split(" ")) {
    const pieces = word.length <= width ? [word] : broken(word, width);
    pieces.forEach((piece, index) => {
      const joined = line === "" ? piece : index === 0 ? `${line} ${piece}` : `${line}${piece}`;
      if (joined.length <= width) line = joined;
      else {
        if (line !== "") lines.push(line);
        line = piece;
      }
    });
  }
  return [...lines, line];
}

const broken = (word: string, width: number): readonly string[] =>
  word
    .split(/(?<=[-._/,:])/)
    .flatMap((piece) =>
      Array.from({ length: Math.ceil(piece.length / width) }, (_, at) => piece.slice(at * width, (at + 1) * width)),
    );
