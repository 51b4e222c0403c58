// A whole description of the size that a provider publishes: what concerns the fragment, and much that does not.

/** Makes a description of so many paths, with two and a half times as many schemas, a hundredth of them under `/oauth2/`. */
export function fullDescription(paths: number): object {
  const reference = (index: number) => ({ $ref: `#/components/schemas/S${index % schemaCount}` });
  const schemaCount = Math.floor(paths * 2.5);
  const schemas = Array.from({ length: schemaCount }, (_, index) => [`S${index}`, schemaAt(index, reference)]);
  const items = Array.from({ length: paths }, (_, index) => {
    const path = index % 100 === 0 ? `/oauth2/${index}` : `/things/${index}`;
    const content = { "application/json": { schema: reference(index * 2) } };
    const answer = { 200: { description: "ok", content } };
    return [
      path,
      {
        get: { operationId: `get${index}`, parameters: [{ $ref: "#/components/parameters/page" }], responses: answer },
      },
    ];
  });
  return {
    openapi: "3.0.3",
    info: { title: "A whole description", version: "1" },
    servers: [{ url: "https://api.test" }],
    paths: Object.fromEntries(items),
    components: {
      schemas: Object.fromEntries(schemas),
      parameters: { page: { name: "page", in: "query", schema: { type: "integer" } } },
    },
  };
}

/** References in chains and cycles, compositions, discriminators, and references into other schemas' properties. */
function schemaAt(index: number, reference: (index: number) => { $ref: string }): object {
  const kinds = [
    {
      type: "object",
      properties: { id: { type: "integer", description: `The id of ${index}` }, next: reference(index + 1) },
    },
    { allOf: [reference(index + 1), { type: "object", properties: { own: { type: "string" } } }] },
    {
      type: "object",
      properties: {
        back: reference(index - (index % 5)),
        shared: { $ref: `${reference(index - (index % 5)).$ref}/properties/id` },
      },
    },
    {
      oneOf: [reference(index - (index % 5))],
      discriminator: { propertyName: "kind", mapping: { a: reference(index - (index % 5)).$ref } },
    },
    { type: "array", items: { type: "string", enum: ["a", "b"] } },
  ];
  return kinds[index % 5] ?? {};
}
