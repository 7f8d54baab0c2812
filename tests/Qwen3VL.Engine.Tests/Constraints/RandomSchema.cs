using System.Text.Json;
using System.Text.Json.Nodes;

namespace Qwen3VL.Engine.Tests.Constraints;

/// <summary>Schemas of the supported keywords, drawn at random.</summary>
internal sealed class RandomSchema(Random random)
{
    private static readonly string[] Names = ["a", "label", "lab", "bbox_2d", "text \"quoted\"", "größe", "x/y", "日本", "\n", ""];
    private static readonly string[] Patterns =
    [
        "^[a-z]{2,4}$", "^(\\d{3}-)?\\d{4}$", "foo|bar$", "^[^\"\\\\]*$", "^.{1,3}$", "^\\w+@\\w+\\.(com|org)$", "[äöü]{2}", "^\\S+( \\S+){0,2}$", "^(a|b)*abb$", "^\\t?x?\\n?$",
    ];

    public string Next()
    {
        JsonObject root = Schema(0);
        if (random.Next(3) == 0)
        {
            // A list that may hold itself.
            root = new JsonObject
            {
                ["$defs"] = new JsonObject { ["node"] = Node(root) },
                ["$ref"] = "#/$defs/node",
            };
        }

        return root.ToJsonString();
    }

    private JsonObject Node(JsonObject value) => new()
    {
        ["type"] = "object",
        ["properties"] = new JsonObject { ["value"] = value, ["next"] = new JsonObject { ["anyOf"] = new JsonArray(Reference(), Type("null")) }, ["all"] = List(Reference()) },
        ["required"] = random.Next(2) == 0 ? new JsonArray("next") : new JsonArray("value"),
        ["additionalProperties"] = random.Next(2) == 0,
    };

    private static JsonObject Reference() => new() { ["$ref"] = "#/$defs/node" };

    private static JsonObject Type(string name) => new() { ["type"] = name };

    private static JsonObject List(JsonObject items) => new() { ["type"] = "array", ["items"] = items };

    private JsonObject Schema(int depth) => random.Next(depth > 2 ? 9 : 14) switch
    {
        0 => String(),
        1 => Integer(),
        2 => Number(),
        3 => Type(random.Next(2) == 0 ? "boolean" : "null"),
        4 => Enumeration(),
        5 => new JsonObject { ["type"] = new JsonArray("integer", "string", "null"), ["maxLength"] = 5 },
        6 => Pattern(),
        7 => Format(),
        8 => WideAlternatives(),
        9 => new JsonObject(),
        10 => Array(depth),
        11 => Alternatives(depth),
        _ => Object(depth),
    };

    private JsonObject String()
    {
        JsonObject schema = Type("string");
        int min = random.Next(4);
        if (random.Next(2) == 0)
        {
            schema["minLength"] = min;
        }

        if (random.Next(2) == 0)
        {
            schema["maxLength"] = min + random.Next(6);
        }

        return schema;
    }

    private JsonObject Pattern()
    {
        JsonObject schema = Type("string");
        schema["pattern"] = Patterns[random.Next(Patterns.Length)];
        if (random.Next(2) == 0)
        {
            schema["maxLength"] = 12;
        }

        return schema;
    }

    private JsonObject Format()
    {
        JsonObject schema = Type("string");
        schema["format"] = random.Next(2) == 0 ? "date" : "uuid";
        return schema;
    }

    /// <summary>Many readings of the same text: strings of all kinds, and numbers that begin alike.</summary>
    private JsonObject WideAlternatives() => new()
    {
        ["anyOf"] = new JsonArray([.. Enumerable.Range(0, 10 + random.Next(30)).Select(_ => (JsonNode)(random.Next(5) switch
        {
            0 => Pattern(),
            1 => Integer(),
            2 => Format(),
            3 => new JsonObject { ["const"] = new string('a', random.Next(6)) },
            _ => String(),
        }))]),
    };

    private JsonObject Integer() => Bounded("integer", random.Next(-1200, 1200), 0);

    private JsonObject Number() => Bounded("number", random.Next(-1200, 1200), random.Next(4));

    private JsonObject Bounded(string type, decimal low, int fractionDigits)
    {
        JsonObject schema = Type(type);
        decimal scale = (decimal)Math.Pow(10, fractionDigits);
        low /= scale;
        decimal high = low + ((1 + random.Next(3000)) / scale);
        if (random.Next(3) > 0)
        {
            schema[random.Next(4) == 0 && high - low > 1 ? "exclusiveMinimum" : "minimum"] = low;
        }

        if (random.Next(3) > 0)
        {
            schema[random.Next(4) == 0 && high - low > 2 ? "exclusiveMaximum" : "maximum"] = high;
        }

        return schema;
    }

    private JsonObject Enumeration()
    {
        string[] values = ["\"a\"", "\"ab\"", "\"a\\\"b\\u0001\"", "1", "12", "1.50", "null", "true", "[]", "[1, {\"k\": \"v\"}]", "{\"x\": []}"];
        random.Shuffle(values);
        string text = string.Join(',', values.Take(1 + random.Next(4)));
        return random.Next(4) == 0
            ? new JsonObject { ["const"] = JsonNode.Parse(values[0]) }
            : new JsonObject { ["enum"] = JsonNode.Parse($"[{text}]") };
    }

    private JsonObject Array(int depth)
    {
        JsonObject schema = Type("array");
        int numPrefix = random.Next(3) == 0 ? 1 + random.Next(2) : 0;
        if (numPrefix > 0)
        {
            schema["prefixItems"] = new JsonArray([.. Enumerable.Range(0, numPrefix).Select(_ => Schema(depth + 1))]);
        }

        if (random.Next(4) > 0)
        {
            schema["items"] = Schema(depth + 1);
        }

        int min = random.Next(4);
        schema["minItems"] = min;
        if (random.Next(2) == 0)
        {
            schema["maxItems"] = min + random.Next(3);
        }

        return schema;
    }

    private JsonObject Object(int depth)
    {
        JsonObject schema = Type("object");
        string[] names = [.. Names];
        random.Shuffle(names);
        string[] used = [.. names.Take(random.Next(5))];
        schema["properties"] = new JsonObject(used.Select(name => KeyValuePair.Create<string, JsonNode?>(name, Schema(depth + 1))));
        schema["required"] = new JsonArray([.. used.Where(_ => random.Next(2) == 0).Select(name => (JsonNode)name)]);
        switch (random.Next(4))
        {
            case 0:
                schema["additionalProperties"] = false;
                break;
            case 1:
                schema["additionalProperties"] = Type("boolean");
                break;
            case 2:
                schema["additionalProperties"] = true;
                break;
        }

        return schema;
    }

    private JsonObject Alternatives(int depth)
    {
        if (random.Next(2) == 0)
        {
            return new JsonObject { ["anyOf"] = new JsonArray(Schema(depth + 1), Schema(depth + 1), Schema(depth + 1)) };
        }

        return JsonSerializer.Deserialize<JsonObject>("""
            {"oneOf": [
              {"type": "object", "properties": {"kind": {"const": "box"}, "at": {"type": "array", "items": {"type": "integer"}, "maxItems": 4}}, "required": ["kind", "at"]},
              {"type": "object", "properties": {"kind": {"enum": ["text", "line"]}, "text": {"type": "string", "maxLength": 9}}, "required": ["kind"], "additionalProperties": false},
              {"type": "string", "maxLength": 3}]}
            """)!; // An object.
    }
}
