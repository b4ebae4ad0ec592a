// Writes types from the schemas that koubai's tests keep as Python has them.

import { readFile, writeFile } from 'node:fs/promises';
import { compile } from 'json-schema-to-typescript';
import { format, resolveConfig } from 'prettier';

const IMPORTS = `
import type { Scene, Text } from '../scene';
import type { Numbers } from './wire';`;

await write('src/scene', 'Scene', 'report/scene.py', '');
await write('src/play/messages', 'Messages', 'play/messages.py', IMPORTS);

async function write(place, name, source, imports) {
  const schema = JSON.parse(await readFile(`${place}.schema.json`, 'utf8'));
  // Python writes every field, those with a default too, and the page does likewise.
  for (const type of Object.values(schema.$defs)) {
    if (type.properties) type.required = Object.keys(type.properties);
  }
  schema.$defs = JSON.parse(JSON.stringify(schema.$defs), lengths);
  const text = await compile(schema, name, {
    additionalProperties: false,
    bannerComment: `// Made from ${place.split('/').at(-1)}.schema.json by \`npm run types\`: change koubai/${source} instead.${imports}`,
    style: { singleQuote: true },
    maxItems: -1, // arrays of any length, not a type for each length
  });
  const config = await resolveConfig(`${place}.ts`);
  await writeFile(`${place}.ts`, await format(text, { ...config, parser: 'typescript' }));
}

/** Pairs as the compiler knows them; how long other arrays may be is left to Python. */
function lengths(_, value) {
  if (value?.type !== 'array') return value;
  const { prefixItems, minItems, maxItems, ...rest } = value;
  return prefixItems ? { ...rest, minItems, maxItems, items: prefixItems } : rest;
}
