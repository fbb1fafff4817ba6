import { X509Certificate } from "node:crypto";
import { readFileSync } from "node:fs";

/** What RDS signs server certificates with, unless it is told otherwise: one root a region, valid until 2061. */
export const rdsAuthority = "rds-ca-rsa2048-g1";

/**
 * RDS has roots of its own that no operating system trusts, and no API hands them out. The file holds those of
 * `rdsAuthority` from https://truststore.pki.rds.amazonaws.com/global/global-bundle.pem, as they are.
 */
const bundle = new URL("./rds-roots.pem", import.meta.url);

const regionOf = (certificate: X509Certificate): string =>
  /^CN=Amazon RDS (\S+) Root CA RSA2048 G1$/m.exec(certificate.subject)?.[1] ?? "";

let roots: ReadonlyMap<string, string> | undefined;

/** PEM of each region's root, by region. Read when it is first asked for: most parts of a cloud have no database. */
export function rdsRoots(): ReadonlyMap<string, string> {
  roots ??= new Map(
    (readFileSync(bundle, "utf8").match(/-----BEGIN CERTIFICATE-----[^-]+-----END CERTIFICATE-----\n/g) ?? []).map(
      (pem) => [regionOf(new X509Certificate(pem)), pem],
    ),
  );
  return roots;
}

/** What clients check an RDS server of the region against. */
export function rdsRoot(region: string): string {
  const pem = rdsRoots().get(region);
  if (pem === undefined) {
    throw new Error(
      `aws: no root certificate of RDS in ${region} is known, so its databases could not be checked; ` +
        "use another region, or mode inCluster or existing",
    );
  }
  return pem;
}
