using System.Globalization;
using System.Text;

namespace Qwen3VL.Batch.Tests.Media;

/// <summary>Writes small PDF files: each page has a red square in its lower left corner and a blue one in its upper right, before /Rotate.</summary>
internal static class PdfBytes
{
    /// <summary>Pages of one size, rotation and optional entries.</summary>
    public static byte[] Write(int pages, double width, double height, int rotate = 0, string title = "", bool encrypted = false)
    {
        double square = Math.Min(width, height) / 4;
        string content = string.Create(
            CultureInfo.InvariantCulture, $"1 0 0 rg 0 0 {square} {square} re f 0 0 1 rg {width - square} {height - square} {square} {square} re f");
        List<string> objects =
        [
            "<< /Type /Catalog /Pages 2 0 R >>",
            $"<< /Type /Pages /Count {pages} /Kids [{string.Join(' ', Enumerable.Range(0, pages).Select(i => $"{i + 5} 0 R"))}] >>",
            $"<< /Length {content.Length} >>\nstream\n{content}\nendstream",
            $"<< /Title ({title}) >>",
        ];
        for (int i = 0; i < pages; i++)
        {
            objects.Add(string.Create(
                CultureInfo.InvariantCulture, $"<< /Type /Page /Parent 2 0 R /MediaBox [0 0 {width} {height}] /Rotate {rotate} /Contents 3 0 R >>"));
        }

        string trailer = "/Root 1 0 R /Info 4 0 R";
        if (encrypted)
        {
            // Owner and user keys that no password matches.
            string key = string.Concat(Enumerable.Repeat("41", 32));
            objects.Add($"<< /Filter /Standard /V 1 /R 2 /O <{key}> /U <{key}> /P -44 >>");
            trailer += $" /Encrypt {objects.Count} 0 R /ID [<00> <00>]";
        }

        return Assemble(objects, trailer);
    }

    /// <summary>A file of any objects, numbered from 1; the first is the catalogue.</summary>
    public static byte[] Of(params string[] objects) => Assemble([.. objects], "/Root 1 0 R");

    /// <summary>A page of 200 x 100 points (object 3, its parent 2) whose content is object 4 and whose dictionary has more entries.</summary>
    public static byte[] OnePage(string content, string pageEntries = "", string catalogEntries = "", params string[] more) =>
        Of(
            [
                $"<< /Type /Catalog /Pages 2 0 R {catalogEntries} >>",
                "<< /Type /Pages /Count 1 /Kids [3 0 R] >>",
                $"<< /Type /Page /Parent 2 0 R /MediaBox [0 0 200 100] /Contents 4 0 R {pageEntries} >>",
                $"<< /Length {content.Length} >>\nstream\n{content}\nendstream",
                .. more,
            ]);

    private static byte[] Assemble(List<string> objects, string trailer)
    {
        StringBuilder pdf = new("%PDF-1.4\n");
        StringBuilder table = new("0000000000 65535 f \n");
        for (int i = 0; i < objects.Count; i++)
        {
            table.Append(CultureInfo.InvariantCulture, $"{pdf.Length:D10} 00000 n \n");
            pdf.Append(CultureInfo.InvariantCulture, $"{i + 1} 0 obj\n{objects[i]}\nendobj\n");
        }

        int start = pdf.Length;
        pdf.Append(CultureInfo.InvariantCulture, $"xref\n0 {objects.Count + 1}\n{table}trailer\n<< /Size {objects.Count + 1} {trailer} >>\n");
        pdf.Append(CultureInfo.InvariantCulture, $"startxref\n{start}\n%%EOF\n");
        return Encoding.Latin1.GetBytes(pdf.ToString());
    }
}
