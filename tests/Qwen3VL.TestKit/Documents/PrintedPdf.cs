using System.Globalization;
using System.Text;

namespace Qwen3VL.TestKit.Documents;

/// <summary>Writes a plain PDF of many small pages: one word and the page's number on each, so that every page can be told from every other.</summary>
public static class PrintedPdf
{
    /// <summary>At 72 dpi a point is a pixel: the page is as small as the bundled model reads.</summary>
    public const int Dpi = 72;

    private const int Width = 256;
    private const int Height = 64;

    /// <summary>What page <paramref name="pageNo"/> says.</summary>
    public static string Text(int pageNo) => string.Create(CultureInfo.InvariantCulture, $"Total {1000 + pageNo}");

    /// <summary>Writes the file.</summary>
    public static void Write(string path, int pages)
    {
        // Objects: 1 catalogue, 2 page tree, 3 font, then a page and its content for each page (PDF 32000-1, section 7.7).
        var bodies = new List<string>
        {
            "<< /Type /Catalog /Pages 2 0 R >>",
            $"<< /Type /Pages /Count {pages} /Kids [{string.Join(' ', Enumerable.Range(0, pages).Select(i => $"{4 + (2 * i)} 0 R"))}] >>",
            "<< /Type /Font /Subtype /Type1 /BaseFont /Helvetica >>",
        };
        for (int pageNo = 1; pageNo <= pages; pageNo++)
        {
            string content = $"BT /F1 21 Tf 16 {Height - 24} Td ({Text(pageNo)}) Tj ET";
            bodies.Add($"<< /Type /Page /Parent 2 0 R /MediaBox [0 0 {Width} {Height}] /Resources << /Font << /F1 3 0 R >> >> /Contents {bodies.Count + 2} 0 R >>");
            bodies.Add($"<< /Length {content.Length} >>\nstream\n{content}\nendstream");
        }

        var file = new StringBuilder("%PDF-1.4\n");
        var offsets = new List<int>();
        for (int i = 0; i < bodies.Count; i++)
        {
            offsets.Add(file.Length);
            file.Append(CultureInfo.InvariantCulture, $"{i + 1} 0 obj\n{bodies[i]}\nendobj\n");
        }

        int table = file.Length;
        file.Append(CultureInfo.InvariantCulture, $"xref\n0 {bodies.Count + 1}\n0000000000 65535 f \n");
        foreach (int offset in offsets)
        {
            file.Append(CultureInfo.InvariantCulture, $"{offset:D10} 00000 n \n");
        }

        file.Append(CultureInfo.InvariantCulture, $"trailer\n<< /Size {bodies.Count + 1} /Root 1 0 R >>\nstartxref\n{table}\n%%EOF\n");
        File.WriteAllText(path, file.ToString(), Encoding.ASCII);
    }
}
