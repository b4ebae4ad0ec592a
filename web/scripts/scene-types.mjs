// Writes src/scene.ts from src/scene.schema.json, which koubai's tests keep as Python has it.

import { readFile, writeFile } from 'node:fs/promises';
import { compile } from 'json-schema-to-typescript';
import { format, resolveConfig } from 'prettier';

const schema = JSON.parse(await readFile('src/scene.schema.json', 'utf8'));
// Python writes every field, those with a default too.
for (const type of Object.values(schema.$defs)) type.required = Object.keys(type.properties);
const text = await compile(schema, 'Scene', {
  additionalProperties: false,
  bannerComment:
    '// Made from scene.schema.json by `npm run types`: change koubai/report/scene.py instead.',
  style: { singleQuote: true },
  maxItems: -1, // arrays of any length, not a type for each length
});
const config = await resolveConfig('src/scene.ts');
await writeFile('src/scene.ts', await format(text, { ...config, parser: 'typescript' }));
