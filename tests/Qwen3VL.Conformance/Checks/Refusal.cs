using Qwen3VL.Engine;

namespace Qwen3VL.Conformance.Checks;

/// <summary>Inputs that the reference refuses must be refused as the caller's fault, and by nothing else.</summary>
internal static class Refusal
{
    /// <summary>Fails the case unless <paramref name="act"/> throws <see cref="InvalidRequestException"/>.</summary>
    public static void Expect(CaseCheck check, string what, Action act)
    {
        try
        {
            act();
        }
        catch (InvalidRequestException)
        {
            return;
        }

        check.Fail($"{what} must be refused, as by the reference; got a result");
    }
}
