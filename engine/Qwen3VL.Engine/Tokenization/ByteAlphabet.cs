using System.Buffers;
using System.Text;

namespace Qwen3VL.Engine.Tokenization;

/// <summary>
/// The reversible map between bytes and printable characters in which byte-level vocabularies are written (openai/gpt-2, <c>src/encoder.py</c>,
/// <c>bytes_to_unicode</c>): printable Latin-1 stands for itself, the other 68 bytes take U+0100 and up in order.
/// </summary>
internal static class ByteAlphabet
{
    private const int FirstReplacement = 0x100;

    private static readonly char[] CharacterOfByte = CreateCharacters();

    private static readonly short[] ByteOfCharacter = CreateBytes();

    /// <summary>The character that stands for <paramref name="value"/>.</summary>
    public static char ToCharacter(byte value) => CharacterOfByte[value];

    /// <summary>
    /// Writes the bytes that a vocabulary entry stands for. An entry with any character outside the alphabet (an added token with a space, say)
    /// stands for its own UTF-8, as in huggingface/tokenizers, <c>ByteLevel::decode_chain</c>.
    /// </summary>
    public static void WriteBytes(string token, IBufferWriter<byte> output)
    {
        Span<byte> bytes = output.GetSpan(token.Length);
        for (int index = 0; index < token.Length; index++)
        {
            int value = token[index] < ByteOfCharacter.Length ? ByteOfCharacter[token[index]] : -1;
            if (value < 0)
            {
                Encoding.UTF8.GetBytes(token, output);
                return;
            }

            bytes[index] = (byte)value;
        }

        output.Advance(token.Length);
    }

    private static bool IsPrintable(int value) => value is (>= '!' and <= '~') or (>= 0xA1 and <= 0xAC) or (>= 0xAE and <= 0xFF);

    private static char[] CreateCharacters()
    {
        var characters = new char[256];
        int next = FirstReplacement;
        for (int value = 0; value < characters.Length; value++)
        {
            characters[value] = (char)(IsPrintable(value) ? value : next++);
        }

        return characters;
    }

    private static short[] CreateBytes()
    {
        char[] characters = CreateCharacters();
        var bytes = new short[characters.Max() + 1];
        Array.Fill(bytes, (short)-1);
        for (int value = 0; value < characters.Length; value++)
        {
            bytes[characters[value]] = (short)value;
        }

        return bytes;
    }
}
