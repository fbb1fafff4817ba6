import { generateKeyPairSync, type KeyObject, randomBytes, sign } from "node:crypto";

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
const text = (content: string): Buffer => der(0x0c, Buffer.from(content, "utf8"));
const bits = (content: Buffer): Buffer => der(0x03, [0], content);
const TRUE = der(0x01, [0xff]);
const oid = {
  ecdsaWithSha256: der(0x06, [0x2a, 0x86, 0x48, 0xce, 0x3d, 0x04, 0x03, 0x02]),
  commonName: der(0x06, [0x55, 0x04, 0x03]),
  organization: der(0x06, [0x55, 0x04, 0x0a]),
  basicConstraints: der(0x06, [0x55, 0x1d, 0x13]),
  subjectAltName: der(0x06, [0x55, 0x1d, 0x11]),
};
const nameOf = ({ common, organization }: Subject): Buffer =>
  sequence(
    ...(organization === undefined ? [] : [der(0x31, sequence(oid.organization, text(organization)))]),
    der(0x31, sequence(oid.commonName, text(common))),
  );
const DAY_MS = 86_400_000;
/** YYMMDDHHMMSSZ */
const dayFromNow = (days: number): Buffer => {
  const text = new Date(Date.now() + days * DAY_MS).toISOString().replace(/\D/g, "").slice(2, 14);
  return der(0x17, Buffer.from(`${text}Z`));
};

type Address = readonly [number, number, number, number];

/** Whom a certificate is for. */
export interface Subject {
  readonly common: string;
  /** The group of a user, to an API server. */
  readonly organization?: string;
  readonly addresses?: readonly Address[];
  readonly names?: readonly string[];
}

/**
 * A certificate that signs itself: what a server shows and its clients trust, or an authority of its own. Node's
 * crypto reads certificates and makes none.
 */
export function selfSigned(common: string, address?: Address): Certificate {
  const pair = keyPair();
  const subject: Subject = { common, ...(address === undefined ? {} : { addresses: [address] }) };
  return { certificate: certify(subject, pair.publicKey, subject, pair.privateKey, true), key: pem(pair.privateKey) };
}

/** An authority that is trusted for what it has signed. */
export interface Authority extends Certificate {
  issue(subject: Subject): Certificate;
}

export function createAuthority(common: string): Authority {
  const own = keyPair();
  const authority = { common };
  return {
    certificate: certify(authority, own.publicKey, authority, own.privateKey, true),
    key: pem(own.privateKey),
    issue: (subject) => {
      const { publicKey, privateKey } = keyPair();
      return { certificate: certify(subject, publicKey, authority, own.privateKey, false), key: pem(privateKey) };
    },
  };
}

const keyPair = () => generateKeyPairSync("ec", { namedCurve: "P-256" });
const pem = (key: KeyObject): string => key.export({ type: "pkcs8", format: "pem" }).toString();

function certify(subject: Subject, key: KeyObject, issuer: Subject, issuerKey: KeyObject, authority: boolean): string {
  const { addresses = [], names = [] } = subject;
  const alternatives = [
    ...names.map((name) => der(0x82, Buffer.from(name, "ascii"))),
    ...addresses.map((address) => der(0x87, address)),
  ];
  const signature = sequence(oid.ecdsaWithSha256);
  const extensions = [
    ...(authority ? [sequence(oid.basicConstraints, TRUE, octets(sequence(TRUE)))] : []),
    ...(alternatives.length === 0 ? [] : [sequence(oid.subjectAltName, octets(sequence(...alternatives)))]),
  ];
  const body = sequence(
    der(0xa0, der(0x02, [2])),
    der(0x02, [0x01], randomBytes(8)),
    signature,
    nameOf(issuer),
    sequence(dayFromNow(-1), dayFromNow(365)),
    nameOf(subject),
    key.export({ type: "spki", format: "der" }),
    ...(extensions.length === 0 ? [] : [der(0xa3, sequence(...extensions))]),
  );
  const whole = sequence(body, signature, bits(sign("sha256", body, issuerKey)));
  const lines = whole.toString("base64").match(/.{1,64}/g) ?? [];
  return ["-----BEGIN CERTIFICATE-----", ...lines, "-----END CERTIFICATE-----", ""].join("\n");
}
