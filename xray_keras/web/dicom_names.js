// @ts-check
/** Elements that say how to show pixels, PS3.6, table 6-1. */

export const PIXEL_DATA = 0x7fe00010;

/**
 * By tag: the name and, where the file does not tell it, the kind; "XS" is US or SS, as the pixels are.
 * Nothing else of a file is kept.
 */
export const KEPT = /** @type {Map<number, [string, string]>} */ (
  new Map([
    [0x00020010, ["TransferSyntaxUID", "UI"]],
    [0x00080060, ["Modality", "CS"]],
    [0x00280002, ["SamplesPerPixel", "US"]],
    [0x00280004, ["PhotometricInterpretation", "CS"]],
    [0x00280006, ["PlanarConfiguration", "US"]],
    [0x00280008, ["NumberOfFrames", "IS"]],
    [0x00280010, ["Rows", "US"]],
    [0x00280011, ["Columns", "US"]],
    [0x00280100, ["BitsAllocated", "US"]],
    [0x00280101, ["BitsStored", "US"]],
    [0x00280103, ["PixelRepresentation", "US"]],
    [0x00280120, ["PixelPaddingValue", "XS"]],
    [0x00280121, ["PixelPaddingRangeLimit", "XS"]],
    [0x00281050, ["WindowCenter", "DS"]],
    [0x00281051, ["WindowWidth", "DS"]],
    [0x00281052, ["RescaleIntercept", "DS"]],
    [0x00281053, ["RescaleSlope", "DS"]],
    [0x00281056, ["VOILUTFunction", "CS"]],
    [0x00281101, ["RedPaletteColorLookupTableDescriptor", "XS"]],
    [0x00281201, ["RedPaletteColorLookupTableData", "OW"]],
    [0x00281202, ["GreenPaletteColorLookupTableData", "OW"]],
    [0x00281203, ["BluePaletteColorLookupTableData", "OW"]],
    [0x00283000, ["ModalityLUTSequence", "SQ"]],
    [0x00283002, ["LUTDescriptor", "XS"]],
    [0x00283006, ["LUTData", "OW"]],
    [0x00283010, ["VOILUTSequence", "SQ"]],
    [PIXEL_DATA, ["PixelData", "OW"]],
  ])
);
