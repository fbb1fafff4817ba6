/** Where an archive's bucket is, as Thanos is told. */

/** Beside what services keep there. */
const FOLDER = "metrics";

const ACCESS_KEY = "{{ .id }}";
const SECRET_KEY = "{{ .key }}";

export interface Where {
  readonly url: string;
  readonly region: string;
  readonly endpoint: string | undefined;
  /** Whether it is opened by keys, which a template fills in. */
  readonly keys: boolean;
}

/**
 * Where the bucket is, in Thanos' words: https://thanos.io/tip/thanos/storage.md. JSON is YAML. A pod's identity is found
 * by each cloud's own library, where nothing else is said.
 */
export function renderConfig({ url, region, endpoint, keys }: Where): string {
  const { protocol, host, pathname } = new URL(url);
  const render = kinds[protocol];
  if (render === undefined) throw new Error(`no archive is known for ${url}`);
  return `${JSON.stringify({ ...render({ host, path: pathname.slice(1), region, endpoint, keys }), prefix: FOLDER })}\n`;
}

interface Place {
  readonly host: string;
  readonly path: string;
  readonly region: string;
  readonly endpoint: string | undefined;
  readonly keys: boolean;
}

const kinds: Readonly<Record<string, (place: Place) => object>> = {
  "s3:": ({ host, region, endpoint, keys }) => {
    const address = endpoint === undefined ? undefined : new URL(endpoint);
    return {
      type: "S3",
      config: {
        bucket: host,
        endpoint: address?.host ?? `s3.${region}.amazonaws.com`,
        ...(region === "" ? {} : { region }),
        ...(address?.protocol === "http:" ? { insecure: true } : {}),
        ...(keys ? { access_key: ACCESS_KEY, secret_key: SECRET_KEY } : { aws_sdk_auth: true }),
      },
    };
  },
  "gs:": ({ host }) => ({ type: "GCS", config: { bucket: host } }),
  "azblob:": ({ host, path }) => ({ type: "AZURE", config: { storage_account: host, container: path } }),
};
