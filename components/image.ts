import type { Image } from "../config/versions.js";

/**
 * Where an image is pulled from. A mirror goes in front of the whole name, its registry included, so that images of
 * the same name from two registries stay apart: `registry.example.com/ghcr.io/cloudnative-pg/postgresql`.
 */
export const repositoryOf = ({ repository }: Image, mirror: string | undefined): string =>
  mirror === undefined ? repository : `${mirror}/${repository}`;

export const imageOf = (image: Image, mirror: string | undefined): string =>
  `${repositoryOf(image, mirror)}:${image.tag}`;
