using System.Text;
using Qwen3VL.Batch.Jobs;
using Qwen3VL.Batch.Media;
using Qwen3VL.Batch.Media.Fetching;
using Qwen3VL.TestKit.Fuzzing;
using Shouldly;
using Xunit;

namespace Qwen3VL.Batch.Tests.Fuzzing;

/// <summary>Whatever a client writes as a URL: what passes leads to an allowed host, and what does not is told without its secrets.</summary>
[Trait(FuzzRun.Category, FuzzRun.Fuzz)]
public sealed class UrlRulesFuzzTests
{
    private const string Marker = "zq9secret";

    private static readonly string[] Fragments =
    [
        "http://", "https://", "HTTPS://", "//", "/", "\\", ":", "@", "#", "?", "&", ".", "..", "%2f", "%40", "%00", "%0d%0a", "\r\n", "\t", " ", "\0", "[", "]", "::1",
        "store.example.org", "evil.test", "a.cdn.example.org", "cdn.example.org", "127.0.0.1", "2130706433", "0x7f.1", "169.254.169.254", "localhost", ":443", ":80",
        ":8443", ":99999", "user", Marker, "ｅｖｉｌ．ｔｅｓｔ", "store。example。org", "xn--", "\u202e", "\ud800", "a=b",
    ];

    private static readonly UrlRules Rules = new(new MediaOptions { AllowedHosts = ["store.example.org", "*.cdn.example.org:8443"] });
    private static readonly Uri From = new("https://store.example.org/a");

    [Fact]
    public void Check_AnyText_PassesAllowedHostsOnlyAndKeepsSecrets() => FuzzRun.Repeat(random =>
    {
        string text = (random.Next(3) > 0 ? "https://store.example.org" : "") + Text(random);

        ShouldBeAllowedOrRefused(() => Rules.Check(text));
        SourceUrl.Display(text).Split('/').Take(3).ShouldAllBe(part => !part.Contains('@', StringComparison.Ordinal) || !SourceUrl.IsUrl(text));
    });

    [Fact]
    public void CheckRedirect_AnyText_PassesAllowedHostsOnlyAndKeepsSecrets() => FuzzRun.Repeat(random =>
    {
        Uri? location = Uri.TryCreate(Text(random), UriKind.RelativeOrAbsolute, out Uri? parsed) ? parsed : null;

        ShouldBeAllowedOrRefused(() => Rules.CheckRedirect(From, location));
    });

    private static void ShouldBeAllowedOrRefused(Func<Uri> check)
    {
        try
        {
            Uri url = check();
            bool isStore = url.IdnHost == "store.example.org" && url.Port == 443;
            bool isCdn = url.IdnHost.EndsWith(".cdn.example.org", StringComparison.Ordinal) && url.Port == 8443;
            (url.Scheme == "https" && url.UserInfo.Length == 0 && (isStore || isCdn)).ShouldBeTrue(url.AbsoluteUri);
        }
        catch (ContentException exception)
        {
            exception.Code.ShouldBe(ErrorCodes.SourceRefused);

            // A host may be told, and a random text may make the marker one.
            exception.Message.Replace("://" + Marker, "", StringComparison.Ordinal).ShouldNotContain($"={Marker}");
            exception.Message.Any(char.IsControl).ShouldBeFalse();
        }
    }

    private static string Text(Random random)
    {
        StringBuilder text = new();
        for (int count = random.Next(10); count > 0; count--)
        {
            text.Append(Fragments[random.Next(Fragments.Length)]);
        }

        return text.Append("?sig=" + Marker).ToString();
    }
}
