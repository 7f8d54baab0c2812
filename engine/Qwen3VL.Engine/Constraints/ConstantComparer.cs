using System.Text.Json;

namespace Qwen3VL.Engine.Constraints;

/// <summary>JSON values are equal when they are the same value: numbers by value, objects whatever the order of their members.</summary>
/// <param name="charge">Called for every comparison of two whole values: values can be made to share their hash.</param>
internal sealed class ConstantComparer(Action charge) : IEqualityComparer<JsonElement>
{
    /// <inheritdoc/>
    public bool Equals(JsonElement x, JsonElement y)
    {
        charge();
        return JsonElement.DeepEquals(x, y);
    }

    /// <inheritdoc/>
    public int GetHashCode(JsonElement obj)
    {
        var hash = new HashCode();
        hash.Add((int)obj.ValueKind);
        switch (obj.ValueKind)
        {
            case JsonValueKind.String:
                hash.Add(obj.GetString(), StringComparer.Ordinal);
                break;
            case JsonValueKind.Number:
                // The two zeros are one number.
                long bits = BitConverter.DoubleToInt64Bits(obj.TryGetDouble(out double number) && number != 0 ? number : 0);
                hash.Add((int)(bits >> 32));
                hash.Add((int)bits);
                break;
            case JsonValueKind.Array:
                foreach (JsonElement item in obj.EnumerateArray())
                {
                    hash.Add(GetHashCode(item));
                }

                break;
            case JsonValueKind.Object:
                hash.Add(obj.EnumerateObject().Aggregate(0, (sum, member) => unchecked(sum + HashCode.Combine(member.Name, GetHashCode(member.Value)))));
                break;
        }

        return hash.ToHashCode();
    }
}
