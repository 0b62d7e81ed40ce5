// Talks to the server at ZAOHUA_URL with the npm `openai` client and prints what came, as JSON.
import OpenAI from "openai";

const client = new OpenAI({
  baseURL: `${process.env.ZAOHUA_URL}/v1`,
  apiKey: "any",
  maxRetries: 0,
});
const ask = (content) => [{ role: "user", content }];
const tools = [
  {
    type: "function",
    function: {
      name: "get_weather",
      parameters: {
        type: "object",
        properties: { city: { type: "string" } },
        required: ["city"],
      },
    },
  },
];
const found = {};

const whole = await client.chat.completions.create({
  model: "fake",
  messages: ask("[[say 你好]]"),
});
found.whole = whole.choices[0].message.content;

const stream = await client.chat.completions.create({
  model: "fake",
  messages: ask("[[say 你好]]"),
  stream: true,
  stream_options: { include_usage: true },
});
found.streamed = "";
for await (const chunk of stream) {
  found.streamed += chunk.choices[0]?.delta?.content ?? "";
  if (chunk.usage) found.usage = chunk.usage.total_tokens;
}

const called = await client.chat.completions
  .stream({ model: "fake", messages: ask("weather?"), tools, tool_choice: "required" })
  .finalChatCompletion();
found.tool = called.choices[0].message.tool_calls[0].function;

const shaped = await client.chat.completions.create({
  model: "fake",
  messages: ask("a plan"),
  response_format: {
    type: "json_schema",
    json_schema: {
      name: "plan",
      schema: {
        type: "object",
        properties: { title: { type: "string" } },
        required: ["title"],
      },
    },
  },
});
found.shaped = JSON.parse(shaped.choices[0].message.content);

const response = await client.responses.create({ model: "fake", input: "[[say 你好]]" });
found.response = response.output_text;
found.events = [];
for await (const event of await client.responses.create({
  model: "fake",
  input: "[[say 你好]]",
  stream: true,
})) {
  if (found.events.at(-1) !== event.type) found.events.push(event.type);
}

const vectors = await client.embeddings.create({ model: "hash-embedder", input: ["a", "b"] });
found.vectors = vectors.data.map((item) => item.embedding.length);

try {
  await client.chat.completions.create({ model: "nope", messages: ask("hi") });
} catch (error) {
  found.error = [error.constructor.name, error.status, error.code];
}
try {
  const broken = await client.chat.completions.create({
    model: "fake",
    messages: ask("[[words 50]] [[fail after 5]]"),
    stream: true,
  });
  for await (const _ of broken);
} catch (error) {
  found.broken = error instanceof OpenAI.APIError;
}

console.log(JSON.stringify(found));
