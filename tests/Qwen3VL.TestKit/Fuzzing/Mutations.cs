using System.Text;
using System.Text.Json.Nodes;

namespace Qwen3VL.TestKit.Fuzzing;

/// <summary>Makes wrong files out of right ones.</summary>
public static class Mutations
{
    private static readonly string[] Values =
    [
        "null", "true", "false", "0", "-1", "1", "2", "3", "0.5", "1e308", "1e-320", "-0", "2147483647", "2147483648", "-2147483649", "4294967296",
        "9007199254740993", "9223372036854775807", "9223372036854775808", "1e999", "123456789012345678901234567890", "\"\"", "\"x\"", "\"\\u0000\"", "\"@surrogate@\"",
        "\"default\"", "\"F32\"", "\"BF16\"", "\"I64\"", "\"U8\"", "\"../../x\"", "\"qwen3_vl_moe\"", "[]", "{}", "[[]]", "[0,0]", "[-1,2]", "[1e9,1e9]", "[1,2,3,4]",
        "[4294967296,4294967296]", "[null]", "{\"a\":{}}",
    ];

    /// <summary>
    /// JSON with a few of its values replaced by ones that are wrong in a telling way, or its keys taken away, exchanged or renamed; one time
    /// in five its bytes are changed instead, so that it may be no JSON at all.
    /// </summary>
    public static byte[] Json(Random random, byte[] json)
    {
        if (random.Next(5) == 0)
        {
            return Bytes(random, json);
        }

        JsonNode root = JsonNode.Parse(json) ?? throw new InvalidDataException("the JSON to change must not be null");
        for (int count = random.Next(1, 4); count > 0; count--)
        {
            Change(random, root);
        }

        // Half of a surrogate pair is valid JSON that no writer writes.
        return Encoding.UTF8.GetBytes(root.ToJsonString().Replace("@surrogate@", "\\ud800", StringComparison.Ordinal));
    }

    /// <summary>A few bytes changed, taken out, put in or doubled, or the end cut off.</summary>
    public static byte[] Bytes(Random random, byte[] source)
    {
        var bytes = new List<byte>(source);
        for (int count = random.Next(1, 6); count > 0 && bytes.Count > 0; count--)
        {
            int at = random.Next(bytes.Count);
            switch (random.Next(6))
            {
                case 0: bytes[at] = (byte)random.Next(256); break;
                case 1: bytes[at] ^= (byte)(1 << random.Next(8)); break;
                case 2: bytes.RemoveRange(at, Math.Min(random.Next(1, 20), bytes.Count - at)); break;
                case 3: bytes.InsertRange(at, bytes.GetRange(at, Math.Min(random.Next(1, 20), bytes.Count - at))); break;
                case 4: bytes.RemoveRange(at, bytes.Count - at); break;
                default: bytes[at] = (byte)"{}[],:\"0129-eE.\\ "[random.Next(17)]; break;
            }
        }

        return [.. bytes];
    }

    private static void Change(Random random, JsonNode root)
    {
        var places = new List<(JsonNode Parent, string? Key, int Index)>();
        Collect(root, places);
        if (places.Count == 0)
        {
            return;
        }

        (JsonNode parent, string? key, int index) = places[random.Next(places.Count)];
        JsonNode? value = JsonNode.Parse(Values[random.Next(Values.Length)]);
        if (parent is JsonArray list)
        {
            switch (random.Next(4))
            {
                case 0: list.RemoveAt(index); break;
                case 1: list.Insert(index, list[index]?.DeepClone()); break;
                default: list[index] = value; break;
            }
        }
        else if (key is not null)
        {
            JsonObject members = parent.AsObject();
            switch (random.Next(5))
            {
                case 0: members.Remove(key); break;
                case 1: members[key + "x"] = members[key]?.DeepClone(); members.Remove(key); break;
                case 2: members[key] = places[random.Next(places.Count)] is var (other, otherKey, _) && otherKey is not null ? other[otherKey]?.DeepClone() : value; break;
                default: members[key] = value; break;
            }
        }
    }

    private static void Collect(JsonNode node, List<(JsonNode Parent, string? Key, int Index)> places)
    {
        if (node is JsonObject members)
        {
            foreach ((string key, JsonNode? value) in members)
            {
                places.Add((node, key, -1));
                if (value is not null)
                {
                    Collect(value, places);
                }
            }
        }
        else if (node is JsonArray list)
        {
            for (int i = 0; i < list.Count; i++)
            {
                places.Add((node, null, i));
                if (list[i] is JsonNode value)
                {
                    Collect(value, places);
                }
            }
        }
    }
}
