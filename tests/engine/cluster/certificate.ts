import { generateKeyPairSync, randomBytes, sign } from "node:crypto";

export interface Certificate {
  /** PEM */
  readonly certificate: string;
  /** PEM */
  readonly key: string;
}

/** DER: a tag, the length, the content. */
function der(tag: number, ...parts: readonly (Buffer | readonly number[])[]): Buffer {
  const content = Buffer.concat(parts.map((part) => Buffer.from(part)));
  const { length } = content;
  const head = length < 0x80 ? [length] : length < 0x100 ? [0x81, length] : [0x82, length >> 8, length & 0xff];
  return Buffer.concat([Buffer.from([tag, ...head]), content]);
}
const sequence = (...parts: readonly Buffer[]): Buffer => der(0x30, ...parts);
const octets = (content: Buffer): Buffer => der(0x04, content);
const bits = (content: Buffer): Buffer => der(0x03, [0], content);
const TRUE = der(0x01, [0xff]);
const oid = {
  ecdsaWithSha256: der(0x06, [0x2a, 0x86, 0x48, 0xce, 0x3d, 0x04, 0x03, 0x02]),
  commonName: der(0x06, [0x55, 0x04, 0x03]),
  basicConstraints: der(0x06, [0x55, 0x1d, 0x13]),
  subjectAltName: der(0x06, [0x55, 0x1d, 0x11]),
};
const nameOf = (common: string): Buffer =>
  sequence(der(0x31, sequence(oid.commonName, der(0x0c, Buffer.from(common, "utf8")))));
const DAY_MS = 86_400_000;
/** YYMMDDHHMMSSZ */
const dayFromNow = (days: number): Buffer => {
  const text = new Date(Date.now() + days * DAY_MS).toISOString().replace(/\D/g, "").slice(2, 14);
  return der(0x17, Buffer.from(`${text}Z`));
};

/**
 * A certificate that signs itself: what a server shows and its clients trust, or an authority of its own. Node's
 * crypto reads certificates and makes none.
 */
export function selfSigned(common: string, address?: readonly [number, number, number, number]): Certificate {
  const { publicKey, privateKey } = generateKeyPairSync("ec", { namedCurve: "P-256" });
  const name = nameOf(common);
  const signature = sequence(oid.ecdsaWithSha256);
  const extensions = [
    sequence(oid.basicConstraints, TRUE, octets(sequence(TRUE))),
    ...(address === undefined ? [] : [sequence(oid.subjectAltName, octets(sequence(der(0x87, address))))]),
  ];
  const body = sequence(
    der(0xa0, der(0x02, [2])),
    der(0x02, [0x01], randomBytes(8)),
    signature,
    name,
    sequence(dayFromNow(-1), dayFromNow(365)),
    name,
    publicKey.export({ type: "spki", format: "der" }),
    der(0xa3, sequence(...extensions)),
  );
  const whole = sequence(body, signature, bits(sign("sha256", body, privateKey)));
  const lines = whole.toString("base64").match(/.{1,64}/g) ?? [];
  return {
    certificate: ["-----BEGIN CERTIFICATE-----", ...lines, "-----END CERTIFICATE-----", ""].join("\n"),
    key: privateKey.export({ type: "pkcs8", format: "pem" }).toString(),
  };
}
