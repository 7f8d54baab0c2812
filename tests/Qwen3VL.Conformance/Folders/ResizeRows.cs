using System.Text.Json;
using Qwen3VL.Conformance.Checks;
using Qwen3VL.Engine.Processing;
using Qwen3VL.TestKit;

namespace Qwen3VL.Conformance.Folders;

/// <summary>Rows of a <c>smart_resize.json</c>: numbers, and last the size <c>[height, width]</c> or null where the reference refuses.</summary>
internal static class ResizeRows
{
    /// <summary>Runs every row.</summary>
    /// <param name="path">The file.</param>
    /// <param name="numNumbers">Numbers before the size.</param>
    /// <param name="cases">Gets a case for each row.</param>
    /// <param name="resize">The engine's size for the numbers of a row.</param>
    public static void Run(string path, int numNumbers, CaseRunner cases, Func<long[], PixelSize> resize)
    {
        string file = Path.GetFileName(path);
        JsonElement[] rows = Goldens.ReadFile<JsonElement[]>(path);
        for (int i = 0; i < rows.Length; i++)
        {
            JsonElement row = rows[i];
            cases.Case($"{file}[{i}]", check => Check(check, row, numNumbers, resize));
        }
    }

    private static void Check(CaseCheck check, JsonElement row, int numNumbers, Func<long[], PixelSize> resize)
    {
        if (row.GetArrayLength() != numNumbers + 1)
        {
            check.Fail($"a row must have {numNumbers} numbers and a size; got {row.GetArrayLength()} values");
            return;
        }

        long[] numbers = [.. row.EnumerateArray().Take(numNumbers).Select(value => value.GetInt64())];
        JsonElement expected = row[numNumbers];
        string what = $"size of [{string.Join(", ", numbers)}]";
        if (expected.ValueKind == JsonValueKind.Null)
        {
            Refusal.Expect(check, what, () => _ = resize(numbers));
            return;
        }

        PixelSize size = resize(numbers);
        check.EqualIntegers(what, [size.Height, size.Width], Goldens.ReadValue<int[]>(expected));
    }
}
