namespace Qwen3VL.Batch.Media.Pictures;

/// <summary>The EXIF orientation of a stored picture: what has to be done to make it upright. The values are those of the tag.</summary>
internal enum Orientation
{
    /// <summary>It is upright.</summary>
    Upright = 1,

    /// <summary>Mirror left and right.</summary>
    Mirror = 2,

    /// <summary>Turn by 180 degrees.</summary>
    Turn180 = 3,

    /// <summary>Mirror top and bottom.</summary>
    MirrorTurn180 = 4,

    /// <summary>Mirror at the main diagonal.</summary>
    MirrorTurn270 = 5,

    /// <summary>Turn clockwise by 90 degrees.</summary>
    Turn90 = 6,

    /// <summary>Mirror at the other diagonal.</summary>
    MirrorTurn90 = 7,

    /// <summary>Turn clockwise by 270 degrees.</summary>
    Turn270 = 8,
}
